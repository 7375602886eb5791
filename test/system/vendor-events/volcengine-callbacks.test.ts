import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vendorEventDelivery } from '../../../client/vendor-events/deliver.ts';
import { ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { hookServer, Letterbox, listening, token } from '../../support/vendor-events-harness.ts';
import { clientOf } from '../../support/volcengine-live-client.ts';
import { longBefore } from './plans.ts';

const vendor = 'volcengine-live';
const callbackKey = 'key-of-the-callbacks';

let harness: ShowHarness;
let app: FastifyInstance;
let hookUrl: string;

beforeAll(async () => {
  const settings = () => ({ VOLCENGINE_LIVE_CALLBACK_KEY: callbackKey });
  harness = await ShowHarness.open({ vendors: [vendor], slowness: 0.05, settings });
  await harness.work(0.2);
  app = await hookServer({
    delivery: vendorEventDelivery(harness.env.client, { spacingMs: 50 }),
    accounts: harness.accounts,
  });
  // Callback URLs have at most 100 characters: the token goes into the query because nothing else can carry it.
  hookUrl = `${await listening(app)}/hooks/${vendor}?token=${token}`;
});
afterAll(async () => {
  await app.close();
  await harness.close();
});

const posts = () => harness.simulators.kit.log.entries({ vendor, operation: 'callback:Post' });

/** `sign` and `t` as the vendor makes them. */
function signed(fields: Record<string, unknown>, at = Date.now() + 600_000, key = callbackKey) {
  const t = Math.floor(at / 1000);
  return { ...fields, t, sign: createHash('md5').update(`${key}${t}`).digest('hex') };
}

describe('a show on a Volcengine vhost with callbacks', () => {
  it('sees its encoder because of a callback, and keeps neither signature nor push URL', async () => {
    const call = clientOf(harness.simulators.running[0]?.client ?? {});
    const vhost = harness.simulators.running[0]?.client.vhost;
    for (const MessageType of ['push', 'push_end']) {
      const details = { Vhost: vhost, MessageType, CallbackDetailList: [{ CallbackType: 'HTTP', URL: hookUrl }] };
      const answer = await call('UpdateCallback', { ...details, AuthEnable: 1, AuthKeyPrimary: callbackKey });
      expect(answer).toMatchObject({ status: 200 });
    }
    const show = await harness.show(vendor, longBefore());
    await show.reaches('waiting-for-encoder');
    const encoder = await show.connect();
    await show.reaches('live');
    const event = await until(async () => {
      const status = await harness.env.showcaller.status(show.eventId);
      return status.hints?.find(({ type }) => type === 'push_start');
    });
    expect(event.facts).toMatchObject({ clientIp: '127.0.0.1', app: 'live' });
    await encoder.drop();
    await show.reaches('encoder-lost');
    await show.stopNow();
    const report = await show.result();
    expect(report.hints?.map(({ type }) => type)).toContain('push_end');
    expect(posts().filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    const secrets = [...harness.keys, callbackKey, 'volcSecret'];
    expect(secrets.filter((secret) => JSON.stringify(report.hints).includes(secret))).toEqual([]);
  });
});

describe('a callback', () => {
  const fields = () => ({
    event_type: 'push_start',
    domain: harness.accounts.get(vendor, 'default')?.settings.pushDomain,
    app: 'live',
    stream: streamOf('show-1'),
    time_ms: Date.now(),
    session_id: 's',
    sequence_id: '1',
    transcoded: 0,
  });
  /** As the driver names it. */
  const streamOf = (eventId: string) =>
    `sc-${eventId}-${createHash('sha256').update(`live-event/${eventId}`).digest('hex').slice(0, 6)}`;

  async function posted(body: unknown, accounts = harness.accounts) {
    const box = new Letterbox();
    const app = await hookServer({ delivery: box, accounts });
    const payload = JSON.stringify(body);
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: `/hooks/${vendor}?token=${token}`, headers, payload });
    await app.close();
    return { status: answer.statusCode, messages: box.messages };
  }

  it('signed with our key is taken, in its own form and in the older one', async () => {
    for (const body of [signed(fields()), { code: 0, message: '', data: signed(fields()) }]) {
      const { status, messages } = await posted(body);
      expect([status, messages[0]?.channel]).toEqual([200, streamOf('show-1')]);
    }
    // t is also seen as the instant of sending.
    expect((await posted(signed(fields(), Date.now()))).status).toBe(200);
  });

  it('forged, unsigned, or replayed long after is refused', async () => {
    const { sign: _, ...unsigned } = signed(fields());
    const late = signed(fields(), Date.now() - 3_600_000);
    const ahead = signed(fields(), Date.now() + 13 * 60_000);
    for (const body of [
      signed(fields(), undefined, 'another key'),
      unsigned,
      fields(),
      late,
      ahead,
      { ...signed(fields()), t: {} },
    ]) {
      const { status, messages } = await posted(body);
      expect([status, messages]).toEqual([403, []]);
    }
  });

  it('of a stream that is not ours, or that says nothing, is answered and forgotten', async () => {
    for (const stream of ['somebody', 'sc-show-1-000000', '', undefined, 7]) {
      expect(await posted(signed({ ...fields(), stream }))).toEqual({ status: 200, messages: [] });
    }
  });

  it('of another place, or of another account, is answered and forgotten', async () => {
    for (const elsewhere of [{ app: 'other' }, { domain: 'push.elsewhere.example' }, { vhost: 'elsewhere.example' }])
      expect(await posted(signed({ ...fields(), ...elsewhere }))).toEqual({ status: 200, messages: [] });
    const [message] = (await posted(signed(fields()))).messages;
    expect(message?.account).toBe('default');
  });

  it('of a record or of a transcoded stream is evidence and no reason to look', async () => {
    const { messages } = await posted(signed({ ...fields(), event_type: 'record' }));
    expect(messages[0]?.vendorEvent.evidenceOnly).toBe(true);
    const transcoded = await posted(signed({ ...fields(), transcoded: 1 }));
    expect(transcoded.messages[0]?.vendorEvent.evidenceOnly).toBe(true);
  });

  it('needs only the token where no account has a key', async () => {
    const none = { get: () => undefined, names: () => [], namesFor: () => [], all: () => [], secrets: () => [] };
    expect((await posted(fields(), none)).messages).toHaveLength(1);
  });
});
