import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendMail } from '../../../../activities/webhooks/mail.ts';
import type { Subscriber } from '../../../../activities/webhooks/subscriber.ts';
import { notificationOf } from '../../../../domain/webhooks/notification.ts';
import { createHttp } from '../../../../vendors/http.ts';
import { directNetwork } from '../../../../vendors/network.ts';
import { privateAuthority } from '../../../support/certificates.ts';
import { until } from '../../../support/until.ts';

const password = 'a-password-of-the-mailbox';
const mail = { from: 'Shows <shows@acme.example>', to: ['night@acme.example', 'day@acme.example'], user: 'shows' };

interface Taken {
  from: string;
  to: string[];
  text: string;
}

/** A real SMTP server on loopback. */
async function startMailServer(options: SMTPServerOptions = {}, host = '127.0.0.1') {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authMethods: ['PLAIN', 'LOGIN'],
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth: ({ username, password: given }, _session, done) =>
      given === password ? done(null, { user: username }) : done(new Error(`wrong password ${given}`)),
    onData(stream, { envelope }, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        taken.push({ from, to: envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
    ...options,
  });
  // A client that does not trust it ends the connection.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, port, taken };
}

const subscriberAt = (url: string, more: Partial<Subscriber> = {}): Subscriber => ({
  ...{ name: 'mail', url, types: ['warning'], isDefault: true, format: 'email', mail, secrets: [password] },
  ...more,
});

const http = createHttp();
const at = Date.parse('2026-12-01T18:20:00Z');
const never = new AbortController().signal;
const send = (
  subscriber: Subscriber,
  data: Record<string, string> = {},
  { withinMs = 20_000, cancelled = never, through = http } = {},
) => {
  const notification = notificationOf({
    ...{ id: 'run/2', seq: 2, type: 'warning', at },
    data: {
      ...{ eventId: 'final', title: 'Final', vendor: 'aws-ivs', warning: 'encoder-missing', message: 'no encoder yet' },
      ...data,
    },
  });
  return sendMail(subscriber, notification, { id: 'run/2', at, http: through, withinMs, cancelled });
};

/** Says something, and then this, again and again, to all that connects. */
async function startEndlessServer(first: string, then: string, everyMs: number) {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).write(first);
    const timer = setInterval(() => socket.write(then), everyMs);
    socket.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, open };
}

describe('a mail', () => {
  it('reaches all recipients of a real SMTP server, with one message id for every attempt', async () => {
    const { url, taken } = await startMailServer();
    const answers = [await send(subscriberAt(url)), await send(subscriberAt(url))];
    expect(answers).toMatchObject([
      { kind: 'answered', status: 200 },
      { kind: 'answered', status: 200 },
    ]);
    expect(taken.map(({ from, to }) => [from, ...to])).toEqual([
      ['shows@acme.example', ...mail.to],
      ['shows@acme.example', ...mail.to],
    ]);
    const [first, second] = taken.map(({ text }) => /^Message-ID: (.*)$/m.exec(text)?.[1]);
    expect(first).toMatch(/^<[0-9a-f]{32}@showcaller\.invalid>/);
    expect(second).toBe(first);
    expect(taken[0]?.text).toMatch(/^Subject: \[critical\] Final: no encoder yet/m);
    expect(taken[0]?.text).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(taken[0]?.text).toMatch(/^vendor: aws-ivs/m);
  });

  it('takes no header and no recipient from a title', async () => {
    const { url, taken } = await startMailServer();
    await send(subscriberAt(url), { title: 'x\r\nBcc: all@evil.example\r\n\r\nbody' });
    expect(taken[0]?.to).toEqual(mail.to);
    expect(taken[0]?.text.split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/m);
  });

  it('that is refused is a refusal, and what may pass is tried again; no password is repeated', async () => {
    const { url } = await startMailServer();
    const wrong = await send(subscriberAt(url, { secrets: ['another-password'] }));
    expect(wrong).toMatchObject({ kind: 'answered', status: 401 });
    expect(JSON.stringify(wrong)).not.toContain('another-password');
    const refusing = (responseCode: number) =>
      startMailServer({ onRcptTo: (_to, _session, done) => done(Object.assign(new Error('no'), { responseCode })) });
    expect(await send(subscriberAt((await refusing(550)).url))).toMatchObject({ kind: 'answered', status: 400 });
    expect(await send(subscriberAt((await refusing(451)).url))).toMatchObject({ kind: 'answered', status: 503 });
  });

  it('that only some recipients got is delivered, and says how many it was refused for', async () => {
    const codes: Record<string, number> = { noon: 550, day: 451 };
    const server = await startMailServer({
      onRcptTo({ address }, _session, done) {
        const responseCode = codes[address.split('@')[0] ?? ''];
        done(responseCode === undefined ? undefined : Object.assign(new Error(`no ${address}`), { responseCode }));
      },
    });
    const three = { ...mail, to: [...mail.to, 'noon@acme.example'] };
    const answer = await send(subscriberAt(server.url, { mail: three }));
    const partly = 'refused it for 2 of 3 recipients (SMTP 451, 550)';
    expect(answer).toEqual({ kind: 'answered', status: 200, text: '', partly });
    expect(server.taken.map(({ to }) => to)).toEqual([['night@acme.example']]);
  });

  it('does not wait longer for a server that is never silent, and none that sends without end', async () => {
    const dripping = await startEndlessServer('220 hello\r\n', '250-x\r\n', 20);
    const answer = await send(subscriberAt(dripping.url), {}, { withinMs: 500 });
    expect(answer).toEqual({ kind: 'unanswered', why: 'did not answer within 0.5 s' });
    await until(() => [...dripping.open].every(({ destroyed }) => destroyed));
    const flooding = await startEndlessServer('220 hello\r\n250-', 'x'.repeat(65_536), 1);
    expect(await send(subscriberAt(flooding.url))).toMatchObject({ kind: 'unanswered' });
    expect([...flooding.open].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0)).toBeLessThan(8 * 1024 * 1024);
  });

  it('is given up with its delivery', async () => {
    const { url, open } = await startEndlessServer('220 hello\r\n', '250-x\r\n', 20);
    const cancelling = new AbortController();
    const sending = send(subscriberAt(url), {}, { cancelled: cancelling.signal });
    await until(() => open.size > 0);
    cancelling.abort(new Error('cancelled'));
    expect(await sending).toMatchObject({ kind: 'unanswered' });
    await until(() => [...open].every(({ destroyed }) => destroyed));
  });

  it('goes to no private network that is not allowed', async () => {
    for (const host of ['mail', 'mail.internal', 'metadata.google.internal'])
      expect(await send(subscriberAt(`smtp://${host}`))).toMatchObject({
        kind: 'unanswered',
        why: expect.stringContaining('private network'),
      });
    const resolve = async () => [{ address: '10.0.0.7', family: 4 }];
    await expect(createHttp(undefined, resolve).addressOf('mail.example')).rejects.toThrow('not public');
  });
});

describe('a mail server', () => {
  it('is reached by an IPv6 address', async () => {
    const { port, taken } = await startMailServer({}, '::1');
    expect(await send(subscriberAt(`smtp://[::1]:${port}`))).toMatchObject({ kind: 'answered', status: 200 });
    expect(taken).toHaveLength(1);
  });

  // By an IPv4 address: Node 22.23 takes no certificate for an IPv6 address, whatever names it has.
  it('is reached by TLS with a certificate of a private authority', async () => {
    const authority = await privateAuthority();
    const { key, cert } = await authority.serverFor('127.0.0.1');
    const { port, taken } = await startMailServer({ secure: true, key, cert }, '127.0.0.1');
    const trusting = createHttp({ ...directNetwork, ca: [authority.ca] });
    onTestFinished(() => trusting.close());
    const url = `smtps://127.0.0.1:${port}`;
    expect(await send(subscriberAt(url))).toMatchObject({ kind: 'unanswered' });
    expect(await send(subscriberAt(url), {}, { through: trusting })).toMatchObject({ kind: 'answered', status: 200 });
    expect(taken).toHaveLength(1);
  });
});
