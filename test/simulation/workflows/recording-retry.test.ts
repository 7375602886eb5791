import { describe, expect, it } from 'vitest';
import { fakeVendor, planFor } from '../../support/shows.ts';
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
});
