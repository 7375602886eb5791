import { connect } from 'node:net';
import type { Payload } from '@temporalio/common';
import { afterEach, describe, expect, it } from 'vitest';
import { orThrow } from '../../../../domain/configuration/checked.ts';
import { aesGcmCodec } from '../../../../temporal/codec/aes-gcm.ts';
import { keyRingFrom } from '../../../../temporal/codec/keys.ts';
import { type CodecServerOptions, createCodecServer } from '../../../../temporal/codec/server.ts';
import { codecTokens, newToken } from '../../../../temporal/codec/tokens.ts';
import { readTokenFile } from '../../../../temporal/token-file.ts';
import { noFiles } from '../../../support/accounts.ts';
import { newKey, oldKey } from '../../../support/codec-harness.ts';

const ui = 'https://temporal.example.com';
const keys = keyRingFrom({ SHOWCALLER_CODEC_KEYS: oldKey });
const plain: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"Town hall"') };
const plainJson = { metadata: { encoding: btoa('json/plain') }, data: btoa('"Town hall"') };

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A server on a port of its own, and a client that says nothing by itself. */
async function serve(options: Partial<CodecServerOptions> = {}) {
  if (!keys) throw new Error('no keys');
  const log: string[] = [];
  const server = await createCodecServer({ keys, origins: [ui], log: (line) => log.push(line), ...options });
  open.push(() => server.close());
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const post = async (path: string, body: unknown, headers: Record<string, string> = { 'x-namespace': 'shows' }) => {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    };
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return { server, url, log, post };
}

async function encryptedJson(namespace = 'shows', key = oldKey) {
  const ring = keyRingFrom({ SHOWCALLER_CODEC_KEYS: key });
  const [payload] = await aesGcmCodec(ring, namespace).encode([plain]);
  const metadata = Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, toBase64(value)]);
  return { metadata: Object.fromEntries(metadata), data: toBase64(payload?.data ?? new Uint8Array()) };
}
const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe('the codec server', () => {
  it('decrypts what is encrypted, leaves alone what is not, and keeps the order', async () => {
    const { post } = await serve();
    const { status, body } = await post('/decode', { payloads: [plainJson, await encryptedJson(), plainJson] });
    expect(status).toBe(200);
    expect(body).toEqual({ payloads: [plainJson, plainJson, plainJson] });
  });

  it('encrypts what it can decrypt again', async () => {
    const { post } = await serve();
    const encoded = await post('/encode', { payloads: [plainJson] });
    expect(JSON.stringify(encoded.body)).not.toContain(plainJson.data);
    expect((await post('/decode', encoded.body)).body).toEqual({ payloads: [plainJson] });
  });

  it('says which key is missing, and wants to know the namespace', async () => {
    const { post } = await serve();
    const missing = await post('/decode', { payloads: [await encryptedJson('shows', newKey)] });
    expect(missing).toMatchObject({ status: 400, body: { message: expect.stringContaining('the key "new"') } });
    const foreign = await post('/decode', { payloads: [await encryptedJson('others')] });
    expect(foreign).toMatchObject({ status: 400, body: { message: expect.stringContaining('another namespace') } });
    const nowhere = await post('/decode', { payloads: [] }, {});
    expect(nowhere).toMatchObject({ status: 400, body: { message: expect.stringContaining('X-Namespace') } });
  });

  it('refuses what is not a list of payloads, and what is too large', async () => {
    const { post } = await serve();
    for (const body of [{}, { payloads: [{ data: '*' }] }, { payloads: 'x' }, []])
      expect((await post('/decode', body)).status).toBe(400);
    expect((await post('/decode', { payloads: [{ data: 'x'.repeat(9_000_000) }] })).status).toBe(413);
  });

  it('refuses who asks too often', async () => {
    const { post } = await serve({ requestsPerMinute: 2 });
    const asked = [1, 2, 3].map(() => post('/decode', { payloads: [] }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 429]);
  });

  it('answers probes and preflight requests however many there are, and they keep no caller out', async () => {
    const { post, url } = await serve({ requestsPerMinute: 1 });
    const asked = ['/healthz', '/readyz', '/healthz'].map((path) => fetch(`${url}${path}`));
    const preflights = [1, 2].map(() => fetch(`${url}/decode`, { method: 'OPTIONS', headers: { origin: ui } }));
    const statuses = (await Promise.all([...asked, ...preflights])).map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 204, 204]);
    expect((await post('/decode', { payloads: [] })).status).toBe(200);
    expect((await post('/decode', { payloads: [] })).status).toBe(429);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('a browser', () => {
  const preflight = (url: string, origin: string) =>
    fetch(`${url}/decode`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,authorization-extras,content-type,x-namespace',
      },
    });

  it('with the UI may send all that the UI sends', async () => {
    const { url } = await serve({ tokens: () => [newToken({ name: 'a', namespaces: ['*'], may: ['decode'] }).entry] });
    const { status, headers } = await preflight(url, ui);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ui);
    expect(headers.get('access-control-allow-methods')).toBe('POST');
    const allowed = headers.get('access-control-allow-headers')?.split(', ');
    expect(allowed?.sort()).toEqual(['authorization', 'authorization-extras', 'content-type', 'x-namespace']);
    expect(headers.get('vary')).toBe('origin');
  });

  it('with the UI may read answers and refusals', async () => {
    const { post } = await serve();
    const from = { origin: ui, 'x-namespace': 'shows' };
    expect((await post('/decode', { payloads: [] }, from)).headers.get('access-control-allow-origin')).toBe(ui);
    expect((await post('/decode', {}, from)).headers.get('access-control-allow-origin')).toBe(ui);
  });

  it('with another page gets nothing, whatever address that page was reached by', async () => {
    const { url, post } = await serve();
    const elsewhere = 'http://evil.example.com:8081';
    const asked = await post('/decode', { payloads: [plainJson] }, { origin: elsewhere, 'x-namespace': 'shows' });
    expect(asked).toMatchObject({ status: 403, body: { message: expect.stringContaining(elsewhere) } });
    expect(asked.headers.has('access-control-allow-origin')).toBe(false);
    expect((await preflight(url, elsewhere)).status).toBe(403);
    expect((await preflight(url, 'null')).status).toBe(403);
  });
});

describe('a name that leads to this machine', () => {
  const under = async (host: string, options = {}) => {
    const { server } = await serve(options);
    const { statusCode, payload } = await server.inject({ method: 'GET', url: '/healthz', headers: { host } });
    return { statusCode, payload };
  };

  it.each(['localhost:8081', '127.0.0.1', '127.3.2.1:9', '[::1]:8081'])('may be %s', async (host) => {
    expect((await under(host)).statusCode).toBe(200);
  });

  it.each(['rebound.example.com', 'localhost.example.com', '127.0.0.1.nip.io', 'a b', '169.254.169.254'])(
    'is refused when it is %j, where everybody on this machine is let in',
    async (host) => {
      const { statusCode, payload } = await under(host);
      expect([statusCode, payload]).toEqual([403, expect.stringContaining('for this machine alone')]);
      expect((await under(host, { tokens: () => [] })).statusCode).toBe(200);
    },
  );
});

describe('every answer', () => {
  it('has the headers of a careful server', async () => {
    const { post } = await serve();
    const { headers } = await post('/decode', {});
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('strict-transport-security')).toContain('max-age=');
  });
});

describe('a token', () => {
  const reader = newToken({ name: 'reader', namespaces: ['shows'], may: ['decode'] });
  const writer = newToken({ name: 'writer', namespaces: ['*'], may: ['decode', 'encode'] });
  const late = newToken({ name: 'late', namespaces: ['*'], may: ['decode'], expiresAt: '2020-01-01T00:00:00Z' });
  const contentOf = (content: unknown) => () => (typeof content === 'string' ? content : JSON.stringify(content));
  const as = (token: string, namespace = 'shows') => ({ authorization: `Bearer ${token}`, 'x-namespace': namespace });

  it('opens what it is for and nothing else', async () => {
    const tokens = orThrow(readTokenFile('tokens', codecTokens, contentOf([reader.entry, writer.entry, late.entry])));
    const { post, log } = await serve({ tokens: () => tokens });
    const ask = async (path: string, headers?: Record<string, string>) =>
      (await post(path, { payloads: [] }, headers)).status;
    expect(await ask('/decode', as(reader.token))).toBe(200);
    expect(await ask('/encode', as(reader.token))).toBe(403);
    expect(await ask('/decode', as(reader.token, 'others'))).toBe(403);
    expect(await ask('/encode', as(writer.token, 'others'))).toBe(200);
    expect(await ask('/decode', as(late.token))).toBe(401);
    expect(await ask('/decode', as(`${reader.token}x`))).toBe(401);
    expect(await ask('/decode', as(reader.entry.sha256))).toBe(401);
    expect(await ask('/decode')).toBe(401);
    expect(log.join('\n')).toContain('"name":"reader"');
    for (const { token } of [reader, writer, late]) expect(log.join('\n')).not.toContain(token);
  });

  it('cannot read payloads of another namespace by naming its own', async () => {
    const { post } = await serve({ tokens: () => [reader.entry] });
    const asked = await post('/decode', { payloads: [await encryptedJson('others')] }, as(reader.token));
    expect(asked.status).toBe(400);
  });

  it('is asked for before the body is read', async () => {
    const { url } = await serve({ tokens: () => [reader.entry] });
    const { port } = new URL(url);
    /** The answer to a head whose body is announced and never sent. */
    const answerTo = (path: string, method: string, ...headers: string[]) =>
      new Promise<string>((resolve, reject) => {
        let received = '';
        const socket = connect(Number(port), '127.0.0.1', () =>
          socket.write(
            [`${method} ${path} HTTP/1.1`, 'host: x', 'content-length: 100000000', ...headers, '', ''].join('\r\n'),
          ),
        );
        socket.setEncoding('utf8').on('data', (text) => {
          received += text;
        });
        socket.once('error', reject).once('close', () => resolve(received.slice(0, 'HTTP/1.1 401'.length)));
      });
    const [json, xml] = ['content-type: application/json', 'content-type: text/xml'];
    expect(await answerTo('/decode', 'POST', json)).toBe('HTTP/1.1 401');
    expect(await answerTo('/encode', 'POST', xml, `authorization: Bearer ${reader.token}x`)).toBe('HTTP/1.1 401');
    expect(await answerTo('/encode', 'POST', json, `authorization: Bearer ${reader.token}`, 'x-namespace: shows')).toBe(
      'HTTP/1.1 403',
    );
    expect(await answerTo('/elsewhere', 'POST', json)).toBe('HTTP/1.1 404');
    expect(await answerTo('/decode', 'POST', json, `authorization: Bearer ${reader.token}`, 'x-namespace: shows')).toBe(
      'HTTP/1.1 413',
    );
  });

  it('that cannot be known is seen at /readyz', async () => {
    let ready = true;
    const { url } = await serve({ tokens: () => [], isReady: () => ready });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    ready = false;
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('of a file that is not right is refused, with everything that is wrong', () => {
    const bad = [{ name: 'a b', sha256: 'x', namespaces: [], may: ['all'] }];
    const refusal = (content: unknown) => () => orThrow(readTokenFile('tokens', codecTokens, contentOf(content)));
    for (const words of ['4 problems', '[0].name', '[0].sha256', '[0].namespaces', '[0].may[0]'])
      expect(refusal(bad)).toThrow(words);
    expect(refusal('secret-looking text')).toThrow('is not JSON');
    expect(() => orThrow(readTokenFile('tokens', codecTokens, noFiles))).toThrow('cannot be read');
  });
});
