import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebhooksReport } from '../../../domain/webhooks/webhook.ts';
import { secretsIn } from '../../support/secrets.ts';
import { until } from '../../support/until.ts';
import {
  about,
  dataOf,
  type Received,
  startSubscriber,
  type TestSubscriber,
  typesOf,
  verify,
  warningsIn,
  whole,
} from './subscriber.ts';
import { configured, WebhooksHarness } from './webhooks-harness.ts';

let ops: TestSubscriber;
let studio: TestSubscriber;
let harness: WebhooksHarness;
beforeAll(async () => {
  [ops, studio] = await Promise.all([startSubscriber(), startSubscriber()]);
  harness = await WebhooksHarness.open({
    subscribers: [
      configured('ops', ops),
      configured('studio', studio, { types: ['ended', 'ingest'], isDefault: false }),
    ],
  });
});
afterAll(async () => {
  await harness.close();
  await Promise.all([ops, studio].map((subscriber) => subscriber.close()));
});

/** Long enough for an encoder to come also on a busy machine. */
const patient = { duration: '12s', waits: { firstConnect: '12s' } };

const by = { by: 'tester', reason: 'the test says so' };

describe.concurrent('a whole show', () => {
  it('is sent phase by phase, in order, signed, and ends with its report in short', async () => {
    const show = await harness.show(patient);
    await show.reaches('waiting-for-encoder');
    show.connect();
    const report = await show.result();
    const received = await whole(ops, show.eventId);
    const phases = received.filter((one) => typesOf([one])[0] === 'phase-changed').map((one) => dataOf(one).phase);
    expect(phases).toEqual(Object.keys(report.entered));
    expect(received.map(({ event }) => event.sequence)).toEqual(received.map((_, i) => String(i + 1).padStart(6, '0')));
    expect(new Set(received.map(({ event }) => event.id)).size).toBe(received.length);
    expect(received.every(({ event }) => event.id.startsWith(`${show.runId}/`))).toBe(true);
    const secret = harness.subscribers.find(({ name }) => name === 'ops')?.secrets[0] ?? '';
    for (const one of received) verify(secret, one);
    const [connected] = received.filter((one) => typesOf([one])[0] === 'encoder-changed');
    expect(connected && dataOf(connected)).toMatchObject({
      change: 'connected',
      previous: 'waiting',
      encoder: 'connected',
    });
    const last = received.at(-1);
    expect(last && typesOf([last])).toEqual(['ended']);
    expect(last && dataOf(last)).toMatchObject({
      phase: 'completed',
      endReason: 'reached-end',
      proved: true,
      vod: [{ proved: true }],
      released: true,
    });
    expect(((await show.webhooks.result()) as WebhooksReport).receivers).toEqual({
      ops: { delivered: received.length, givenUp: [], givenUpCount: 0 },
    });
  });

  it('costs a bounded number of events of history more, and none without subscribers', async () => {
    const [quiet, received] = await Promise.all(
      [[], undefined].map(async (notify) => {
        const show = await harness.show({ ...(notify && { notify }), ...patient });
        await show.reaches('waiting-for-encoder');
        show.connect();
        await show.result();
        return { show, history: await show.history() };
      }),
    );
    if (!quiet || !received) throw new Error('two shows are needed');
    const withWebhooks = /CHILD_WORKFLOW|EXTERNAL_WORKFLOW/;
    expect(quiet.history.texts[0]).not.toMatch(withWebhooks);
    // Of the local attempt of the plan's check: the build of the worker says that it was one.
    expect(quiet.history.texts[0]?.match(/MARKER_RECORDED/g)).toHaveLength(1);
    expect(quiet.history.length).toBeLessThanOrEqual(70);
    const webhooks = (await whole(ops, received.show.eventId)).length;
    expect(received.history.texts[0]).toMatch(withWebhooks);
    // A signal is two events and a task of three; five steps have a timer each, two events and perhaps a task.
    expect(received.history.length - quiet.history.length).toBeLessThanOrEqual(5 * webhooks + 10);
  });
});

describe.concurrent('what an operator may have to act on', () => {
  it('sends a warning about an encoder that has not come, and then never does', async () => {
    const show = await harness.show({ duration: '10s', waits: { firstConnect: '3s' } });
    expect((await show.result()).endReason).toBe('encoder-never-connected');
    const received = await whole(ops, show.eventId);
    expect(warningsIn(received)).toEqual(['encoder-missing']);
    const [warning] = received.filter((one) => typesOf([one])[0] === 'warning');
    const giveUpAt = Date.parse(String(warning && dataOf(warning).givenUpAt));
    expect(Date.parse(warning?.event.time ?? '')).toBeLessThan(giveUpAt);
    expect(dataOf(received.at(-1) as Received)).toMatchObject({ endReason: 'encoder-never-connected', proved: false });
  });

  it('sends a warning about a lost encoder, with the instant at which the show ends if it stays away', async () => {
    const show = await harness.show({ duration: '60s', waits: { encoderLost: '2s' } });
    await show.reaches('waiting-for-encoder');
    show.connect();
    await show.reaches('live');
    show.disconnect();
    const report = await show.result();
    expect(report.endReason).toBe('encoder-gone');
    expect(report.warnings?.map(({ warning }) => warning)).toEqual(['encoder-lost']);
    const received = await whole(ops, show.eventId);
    const warning = received.find((one) => typesOf([one])[0] === 'warning');
    const endsAt = Date.parse(String(warning && dataOf(warning).endsAtUnlessBack));
    expect(report.endDetail).toContain(new Date(endsAt).toISOString());
  });

  it('sends a warning about a late beginning, and an end that cannot be moved any more', async () => {
    const startsAt = new Date(Date.now() - 15_000).toISOString();
    const show = await harness.show({ startsAt, duration: '60s', waits: { maxDuration: '90s' } });
    await show.reaches('waiting-for-encoder');
    show.connect();
    await show.reaches('live');
    const endsAt = new Date(Date.parse(startsAt) + 90_000).toISOString();
    await harness.env.showcaller.extend(show.eventId, { ...by, endsAt });
    await harness.env.showcaller.stopNow(show.eventId, by);
    await show.result();
    expect(warningsIn(await whole(ops, show.eventId))).toEqual(['joined-late', 'last-end']);
  });

  it('sends a warning about an encoder that still sends at the end, once, and when it may not go on', async () => {
    const show = await harness.show({
      ...patient,
      overrun: { while: 'encoder-connected', step: '3s', until: '5s' },
    });
    await show.reaches('waiting-for-encoder');
    show.connect();
    await show.result();
    const warnings = warningsIn(await whole(ops, show.eventId));
    expect(warnings.filter((one) => one !== 'encoder-missing')).toEqual(['prolonged', 'last-end']);
  });

  it('sends a warning about a run that was terminated, by which nothing more comes', async () => {
    const show = await harness.show({ duration: '60s' });
    await show.reaches('waiting-for-encoder');
    await until(() => about(ops, show.eventId).some((one) => dataOf(one).phase === 'waiting-for-encoder'));
    await show.run.terminate('the test says so');
    await show.webhooks.result();
    const received = about(ops, show.eventId);
    expect(warningsIn(received)).toEqual(['cut-off']);
    expect(received.at(-1)?.event.id).toBe(`${show.runId}/${received.length}-cut-off`);
  });

  it('sends a warning about a run that was cancelled', async () => {
    const show = await harness.show({ duration: '60s' });
    await show.reaches('waiting-for-encoder');
    await harness.env.showcaller.cancel(show.eventId);
    await show.result();
    expect(dataOf((await whole(ops, show.eventId)).at(-1) as Received)).toMatchObject({ endReason: 'cancelled' });
  });
});

describe.concurrent('the address of the encoder', () => {
  it('comes to the one subscriber that is trusted with it, and its key is in no history', async () => {
    const show = await harness.show({ notify: ['ops', 'studio'], duration: '60s' });
    await show.reaches('waiting-for-encoder');
    const [ingest] = await until(() => {
      const received = about(studio, show.eventId);
      return received.length > 0 && received;
    });
    expect(ingest && typesOf([ingest])).toEqual(['ingest']);
    expect(ingest && dataOf(ingest).endpoints).toMatchObject([{ protocol: 'rtmp', streamKey: harness.streamKey }]);
    await harness.env.showcaller.stopNow(show.eventId, by);
    await show.result();
    const received = await whole(ops, show.eventId);
    expect(typesOf(received)).not.toContain('ingest');
    expect(
      secretsIn(
        received.map(({ raw }) => raw),
        [harness.streamKey],
      ),
    ).toEqual([]);
    expect(typesOf(await whole(studio, show.eventId))).toEqual(['ingest', 'ended']);
    await show.webhooks.result();
    const texts = [...(await show.history()).texts, ...(await show.webhooksHistory()).texts];
    expect(texts.some((text) => text.includes('"ingest"'))).toBe(true);
    const secrets = harness.subscribers.flatMap((subscriber) => subscriber.secrets);
    expect(secretsIn(texts, [harness.streamKey, ...secrets])).toEqual([]);
  });
});
