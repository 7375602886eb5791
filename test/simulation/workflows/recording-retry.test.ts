import { describe, expect, it } from 'vitest';
import { FakeVendor } from '../../support/fake-driver.ts';
import { fakeVod } from '../../support/fake-vod.ts';
import { activitiesOn, fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { by } from './workflows-harness.ts';

describe.concurrent('a recording tried again', () => {
  it('is published and proved by a run of its own when the event is over, which leaves nothing', async () => {
    const lone = fakeVendor();
    const { vod } = lone.vendor;
    lone.vendor.vod = () => undefined;
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor({ vod: { deadline: '1s' } });
      await own.showcaller.start(plan);
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      expect((await own.showcaller.result(plan.eventId)).endReason).toBe('vod-unproved');
      await own.showcaller.retryVod(plan.eventId, by);
      const failed = await own.showcaller.vodRetry(plan.eventId);
      expect(failed).toMatchObject({ proved: false, ...by, detail: expect.stringContaining('the recording') });
      lone.vendor.vod = vod;
      await own.showcaller.retryVod(plan.eventId, by);
      const retried = await own.showcaller.vodRetry(plan.eventId);
      expect(retried).toMatchObject({ proved: true });
      expect(retried?.vod).toHaveLength(1);
      expect(lone.vendor.channels.size).toBe(0);
      lone.vendor.vod = () => undefined;
      await own.showcaller.start(planFor({ eventId: plan.eventId, vod: { deadline: '1s' } }));
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      expect((await own.showcaller.result(plan.eventId)).endReason).toBe('vod-unproved');
      expect(await own.showcaller.vodRetry(plan.eventId)).toBeUndefined();
      await expect(own.showcaller.vodRetry('nobody-asked')).rejects.toThrow('there is no event nobody-asked');
    } finally {
      await own.close();
    }
  });

  it('is tried at once when an operator asks while the event still waits for it', async () => {
    const lone = fakeVendor();
    const { vod } = lone.vendor;
    lone.vendor.vod = () => undefined;
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor();
      await own.showcaller.start(plan);
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      await until(() => lone.vendor.count('publishVod') > 1);
      lone.vendor.vod = vod;
      await own.showcaller.retryVod(plan.eventId, by);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'reached-end', audit: [{ action: 'retryVod' }] });
    } finally {
      await own.close();
    }
  });

  it('is read again ever more seldom when it is not whole, until its time is over', async () => {
    const vendor = new FakeVendor();
    vendor.vod = () => [fakeVod([{ from: 0, to: 1_000 }])];
    const own = await testEnvironment();
    await own.work(
      activitiesOn(vendor, {
        proofGraceMs: 600_000,
      }),
    );
    try {
      const plan = planFor({ duration: '2m' });
      const name = `sc-${plan.eventId}`;
      await own.showcaller.start(plan);
      await until(() => vendor.channels.get(name)?.open);
      vendor.connect(name);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'vod-unproved', endDetail: expect.stringMatching(/too short: 1 s/) });
      const reads = vendor.calls.filter(({ method }) => method === 'publishVod').map(({ at }) => at);
      const pauses = reads.slice(1).map((at, i) => at - (reads[i] ?? 0));
      expect(reads.length).toBeLessThanOrEqual(12);
      expect(Math.min(...pauses)).toBeGreaterThan(10_000);
      expect(Math.max(...pauses)).toBeGreaterThan(60_000);
      expect((reads.at(-1) ?? 0) - (report.stoppedAt ?? 0)).toBeGreaterThanOrEqual(600_000);
    } finally {
      await own.close();
    }
  });
});
