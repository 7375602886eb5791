import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../domain/plan.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { fakeVod } from '../../support/fake-vod.ts';
import { activitiesOn, planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { by } from './workflows-harness.ts';

/** A vendor of its own, and shows on it that an encoder is connected to as soon as that may be. */
async function lone(more: Parameters<typeof activitiesOn>[1] = { timeScale: testTimeScale }) {
  const vendor = new FakeVendor();
  const env = await testEnvironment();
  await env.work(activitiesOn(vendor, more));
  const show = async (overrides: Partial<Plan> = {}) => {
    const plan = planFor(overrides);
    const { eventId } = plan;
    const name = `sc-${eventId}`;
    await env.showcaller.start(plan);
    await until(() => vendor.channels.get(name)?.open);
    vendor.connect(name);
    return eventId;
  };
  return { vendor, showcaller: env.showcaller, show, [Symbol.asyncDispose]: () => env.close() };
}

describe.concurrent('a recording tried again', () => {
  it('is published and proved by a run of its own when the event is over, which leaves nothing', async () => {
    await using own = await lone();
    const { vendor, showcaller } = own;
    const { vod } = vendor;
    vendor.vod = () => undefined;
    const unproved = { vod: { deadline: '1s' } };
    const eventId = await own.show(unproved);
    expect((await showcaller.result(eventId)).endReason).toBe('vod-unproved');
    await showcaller.retryVod(eventId, by);
    const failed = await showcaller.vodRetry(eventId);
    expect(failed).toMatchObject({ proved: false, ...by, detail: expect.stringContaining('the recording') });
    vendor.vod = vod;
    await showcaller.retryVod(eventId, by);
    const retried = await showcaller.vodRetry(eventId);
    expect(retried).toMatchObject({ proved: true });
    expect(retried?.vod).toHaveLength(1);
    expect(vendor.channels.size).toBe(0);
    vendor.vod = () => undefined;
    await own.show({ ...unproved, eventId });
    expect((await showcaller.result(eventId)).endReason).toBe('vod-unproved');
    expect(await showcaller.vodRetry(eventId)).toBeUndefined();
    await expect(showcaller.vodRetry('unknown')).rejects.toThrow('there is no event unknown');
  });

  it('is tried at once when an operator asks while the event still waits for it', async () => {
    await using own = await lone();
    const { vendor, showcaller } = own;
    const { vod } = vendor;
    vendor.vod = () => undefined;
    const eventId = await own.show();
    await until(() => vendor.count('publishVod') > 1);
    vendor.vod = vod;
    await showcaller.retryVod(eventId, by);
    const report = await showcaller.result(eventId);
    expect(report).toMatchObject({ endReason: 'reached-end', audit: [{ action: 'retryVod' }] });
  });

  it('is read again ever more seldom when it is not whole, until its time is over', async () => {
    await using own = await lone({ proofGraceMs: 600_000 });
    const { vendor, showcaller } = own;
    vendor.vod = () => [fakeVod([{ from: 0, to: 1_000 }])];
    const eventId = await own.show({ duration: '2m' });
    const report = await showcaller.result(eventId);
    expect(report).toMatchObject({ endReason: 'vod-unproved', endDetail: expect.stringMatching(/too short: 1 s/) });
    const reads = vendor.calls.filter(({ method }) => method === 'publishVod').map(({ at }) => at);
    const pauses = reads.slice(1).map((at, i) => at - (reads[i] ?? 0));
    expect(reads.length).toBeLessThanOrEqual(12);
    expect(Math.min(...pauses)).toBeGreaterThan(10_000);
    expect(Math.max(...pauses)).toBeGreaterThan(60_000);
    expect((reads.at(-1) ?? 0) - (report.stoppedAt ?? 0)).toBeGreaterThanOrEqual(600_000);
  });
});
