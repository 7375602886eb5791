import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import {
  about,
  dataOf,
  ok,
  type Received,
  startSubscriber,
  type TestSubscriber,
  typesOf,
  warningsIn,
  whole,
} from './subscriber.ts';
import { configured, WebhooksHarness } from './webhooks-harness.ts';

/** A step is slow after one and a half seconds. */
const timeScale = 0.005;

let ops: TestSubscriber;
let harness: WebhooksHarness;
beforeAll(async () => {
  ops = await startSubscriber();
  harness = await WebhooksHarness.open({ subscribers: [configured('ops', ops)], timeScale });
});
afterAll(async () => {
  await harness.close();
  await ops.close();
});

const by = { by: 'tester', reason: 'the test says so' };

// One after the other: they share a vendor that is made to fail, and a subscriber that is dead for a while.
describe('a show', () => {
  it('ends on time when the subscriber does not answer, and is delivered when it does', async () => {
    ops.answer = () => 'cut';
    const show = await harness.show({ duration: '12s', waits: { firstConnect: '12s' } });
    await show.reaches('waiting-for-encoder');
    show.connect();
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'reached-end', released: true });
    expect((await show.webhooks.describe()).status.name).toBe('RUNNING');
    ops.answer = ok;
    expect(typesOf(await whole(ops, show.eventId)).at(-1)).toBe('ended');
  });

  it('sends a webhook about a step that failed, and of the end that follows', async () => {
    // Tried with the start, and by its own step.
    harness.vendor.fail('createOutput', 'invalid-request', 2);
    const show = await harness.show({ duration: '60s' });
    expect((await show.result()).endReason).toBe('output-failed');
    const received = await whole(ops, show.eventId);
    expect(warningsIn(received)).toEqual(['step-failed']);
    expect(dataOf(received.at(-1) as Received)).toMatchObject({ endReason: 'output-failed', phase: 'failed' });
  });

  it('sends webhooks about a clean-up that does not succeed, again and again but less often', async () => {
    harness.vendor.fail('cleanUp', 'unauthorized', 10_000);
    const show = await harness.show({ duration: '60s' });
    await show.reaches('waiting-for-encoder');
    show.connect();
    await show.reaches('live');
    await harness.env.showcaller.stopNow(show.eventId, { ...by, keepRecording: false });
    const slow = () => about(ops, show.eventId).filter((one) => dataOf(one).warning === 'step-slow');
    await until(() => slow().length >= 2);
    expect(slow().map((one) => dataOf(one).step)).toEqual(['clean-up', 'clean-up']);
    await harness.env.showcaller.abandonCleanup(show.eventId, by);
    await show.result();
    // The shows of the tests after it are released.
    harness.vendor.recover();
    const received = await whole(ops, show.eventId);
    expect(dataOf(received.at(-1) as Received)).toMatchObject({
      released: false,
      left: { name: `sc-${show.eventId}` },
    });
  });
});

it('a show with subscribers reports a loss that lasts to its end as a gap, up to when the vendor saw the encoder', async () => {
  const show = await harness.show({ duration: '6s', waits: { encoderLost: '30s' } });
  await show.reaches('waiting-for-encoder');
  show.connect();
  await show.reaches('live');
  show.disconnect();
  const session = harness.vendor.channels.get(`sc-${show.eventId}`)?.sessions[0];
  const report = await show.result();
  expect(report.warnings?.map(({ warning }) => warning)).toContain('ended-without-encoder');
  expect(report.windows).toEqual([{ from: session?.startedAt, to: session?.endedAt }]);
  expect(report.gaps).toEqual([{ from: session?.endedAt, to: report.entered.stopping }]);
});

it('a show with subscribers proves what was sent although only the sessions of the vendor show it', async () => {
  const show = await harness.show({ duration: '60s', waits: { firstConnect: '20s' } });
  const { entered } = await show.reaches('waiting-for-encoder');
  const startedAt = (entered['waiting-for-encoder'] ?? 0) + 1;
  const session = { id: 's1', startedAt, endedAt: startedAt + 500 };
  harness.vendor.channels.get(`sc-${show.eventId}`)?.sessions.push(session);
  const report = await show.result();
  expect(report).toMatchObject({ endReason: 'encoder-gone', vod: [{ proof: { proved: true } }] });
  expect(report.windows).toEqual([{ from: session.startedAt, to: session.endedAt }]);
});
