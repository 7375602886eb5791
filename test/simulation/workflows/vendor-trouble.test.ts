import { describe, expect, it } from 'vitest';
import type { Accepted } from '../../../domain/actions.ts';
import { VendorError } from '../../../domain/errors.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { by } from './workflows-harness.ts';

/** The report of a show of this vendor. */
async function reportOn({ activities }: ReturnType<typeof fakeVendor>) {
  const own = await testEnvironment();
  await own.work(activities);
  try {
    const plan = planFor();
    await own.showcaller.start(plan);
    return await own.showcaller.result(plan.eventId);
  } finally {
    await own.close();
  }
}

describe.concurrent('trouble with the vendor', () => {
  it('fails at once on wrong credentials, in the vendor’s words, without a retry and without clean-up', async () => {
    const lone = fakeVendor();
    lone.vendor.fail('allocate', 'unauthorized', 100);
    const report = await reportOn(lone);
    expect(report).toMatchObject({ endReason: 'allocation-failed', phase: 'failed', released: true });
    expect(report.endDetail).toContain('as the test asked');
    expect(lone.vendor.count('allocate')).toBe(1);
    expect(lone.vendor.count('cleanUp')).toBe(0);
  });

  it.each(['unavailable', 'throttled', 'unauthorized'] as const)(
    'ends a show at its end while every look at the encoder is %s',
    async (kind) => {
      const own = await testEnvironment();
      const vendor = new FakeVendor();
      await own.work(activitiesOn(vendor));
      try {
        const waits = { firstConnect: '60s', encoderLost: '60s' };
        const plans = Array.from({ length: 10 }, (_, i) => planFor({ duration: `${600 + 7 * i}s`, waits }));
        for (const plan of plans) {
          await own.showcaller.start(plan);
          const name = `sc-${plan.eventId}`;
          await until(() => vendor.channels.get(name)?.open === true);
          vendor.connect(name);
          await until(async () => (await own.showcaller.status(plan.eventId)).phase === 'live');
        }
        vendor.fail('observe', kind, 10_000);
        const lates = await Promise.all(
          plans.map(async ({ eventId }) => {
            const { entered, endsAt, endReason } = await own.showcaller.result(eventId);
            expect(endReason).toBe('reached-end');
            return (entered.stopping ?? 0) - endsAt;
          }),
        );
        expect(Math.min(...lates)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...lates)).toBeLessThan(1_000);
      } finally {
        await own.close();
      }
    },
  );

  it('waits for room on a full account while another event cleans up, and fails after ten tries', async () => {
    const lone = fakeVendor();
    lone.vendor.fail('allocate', 'quota-exceeded', 4);
    expect(await reportOn(lone)).toMatchObject({ endReason: 'encoder-never-connected', released: true });
    const full = fakeVendor();
    full.vendor.fail('allocate', 'quota-exceeded', 100);
    expect(await reportOn(full)).toMatchObject({ endReason: 'allocation-failed', phase: 'failed' });
    expect(full.vendor.count('allocate')).toBe(10);
  });

  it.each([
    ['allocate', 'allocation-failed'],
    ['start', 'start-failed'],
    ['createOutput', 'output-failed'],
  ] as const)('ends with its own reason when %s is refused, and leaves nothing', async (method, reason) => {
    const lone = fakeVendor();
    // One accepted call first, so that the run cannot know that nothing was made.
    if (method === 'allocate') lone.vendor.fail('allocate', 'unavailable');
    lone.vendor.fail(method, 'quota-exceeded', 100);
    const report = await reportOn(lone);
    expect(report).toMatchObject({ endReason: reason, phase: 'failed', released: true });
    expect(lone.vendor.channels.size).toBe(0);
    expect(lone.vendor.count('cleanUp')).toBe(1);
    expect(report.troubles).toHaveLength(1);
  });

  it('cleans up what an allocation that failed had made, by the vendor’s id: no list may show it yet', async () => {
    const lone = fakeVendor();
    lone.vendor.unlistedId = 'arn:made';
    lone.vendor.fail('allocate', 'not-yet', 2);
    lone.vendor.fail('allocate', 'unavailable');
    lone.vendor.fail('allocate', 'unauthorized', 100);
    expect(await reportOn(lone)).toMatchObject({ endReason: 'allocation-failed', released: true });
    expect(lone.vendor.cleanedIds).toEqual(['arn:made']);
  });

  it('cleans up what an attempt had made that an operator’s move of the end broke off', async () => {
    const own = await testEnvironment();
    const vendor = new FakeVendor();
    const driver = vendor.driver('default');
    const answerIsLost = async (event: Parameters<typeof driver.allocate>[0]): Promise<never> => {
      await driver.allocate(event);
      vendor.fail('allocate', 'unauthorized', 100);
      const what = { kind: 'unavailable', vendor: 'fake', operation: 'allocate', resource: 'default' } as const;
      throw new VendorError({ ...what, message: 'the answer is lost', retryAfterMs: 30_000 });
    };
    const allocate: typeof driver.allocate = (event) =>
      vendor.made === 0 ? answerIsLost(event) : driver.allocate(event);
    await own.work(activitiesOn(vendor, { driver: async () => ({ ...driver, allocate }) }));
    const waits = { firstConnect: '5m', encoderLost: '5m', maxDuration: '1h' };
    const plan = planFor({ duration: '10m', waits });
    await own.showcaller.start(plan);
    await until(() => vendor.made === 1);
    const endsAt = new Date(Date.now() + 20 * 60_000).toISOString();
    await own.showcaller.extend(plan.eventId, { ...by, endsAt });
    expect(await own.showcaller.result(plan.eventId)).toMatchObject({ endReason: 'allocation-failed', released: true });
    expect(vendor.channels.size).toBe(0);
    await own.close();
  });

  it('says that an answer is too large for the history', async () => {
    const lone = fakeVendor();
    lone.vendor.unlistedId = 'x'.repeat(300 * 1024);
    lone.vendor.fail('allocate', 'not-yet', 1000);
    const report = await reportOn(lone);
    expect(report).toMatchObject({ endReason: 'allocation-failed', released: true });
    expect(report.endDetail).toMatch(
      /^the vendor's answer is too large for the event: \d+ bytes, at most 262144 are kept/,
    );
  });

  it('ends as if nothing had happened after every passing trouble, with one channel made', async () => {
    const lone = fakeVendor();
    for (const method of ['allocate', 'start', 'createOutput', 'observe', 'stop', 'publishVod', 'cleanUp'] as const) {
      lone.vendor.fail(method, 'throttled', 2);
      lone.vendor.fail(method, 'unavailable', 2);
      if (method !== 'observe') lone.vendor.fail(method, 'not-yet', 3);
    }
    for (const method of ['stop', 'cleanUp'] as const) lone.vendor.fail(method, 'unauthorized', 3);
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor({ duration: '25s' });
      await own.showcaller.start(plan);
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'reached-end', released: true });
      expect(lone.vendor.made).toBe(1);
      expect(lone.vendor.channels.size).toBe(0);
      const { events } = await own.client.workflow.getHandle(`live-event/${plan.eventId}`).fetchHistory();
      expect(events?.length).toBeLessThanOrEqual(70);
    } finally {
      await own.close();
    }
  });

  it('gives up allocating when the show would be over, and says what it waited for', async () => {
    const lone = fakeVendor();
    lone.vendor.fail('allocate', 'not-yet', 10_000);
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor({ duration: '5s' });
      await own.showcaller.start(plan);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'allocation-failed', released: true });
      expect(report.endDetail).toContain('a warm channel');
      expect(lone.vendor.count('cleanUp')).toBe(1);
    } finally {
      await own.close();
    }
  });

  it('fails as vod-unproved when the recording never comes, and still releases the channel', async () => {
    const lone = fakeVendor();
    lone.vendor.vod = () => undefined;
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor({ vod: { deadline: '2s' } });
      await own.showcaller.start(plan);
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'vod-unproved', phase: 'failed', released: true });
      expect(report.endDetail).toContain('reached-end');
      expect(lone.vendor.channels.size).toBe(0);
    } finally {
      await own.close();
    }
  });
});

describe.concurrent('a clean-up that cannot succeed', () => {
  it.each(['stop', 'cleanUp'] as const)(
    'goes on trying to %s, says why, and can be abandoned, also by the former name of the action',
    async (method) => {
      const lone = fakeVendor();
      lone.vendor.fail(method, 'unauthorized', 10_000);
      if (method === 'stop') lone.vendor.fail('cleanUp', 'unauthorized', 10_000);
      const own = await testEnvironment();
      await own.work(lone.activities);
      try {
        const { eventId, ...plan } = planFor({ duration: '30s' });
        await own.showcaller.start({ eventId, ...plan });
        await until(() => lone.vendor.channels.get(`sc-${eventId}`)?.open);
        await expect(own.showcaller.abandonCleanup(eventId, by)).rejects.toThrow('there is no clean-up to abandon');
        await own.showcaller.stopNow(eventId, { ...by, keepRecording: false });
        await until(() => lone.vendor.count(method) > 3);
        const [step] = await until(async () => {
          const steps = await own.showcaller.pending(eventId);
          return steps[0]?.reason && steps;
        });
        expect(step).toMatchObject({ name: method, reason: expect.stringContaining('as the test asked') });
        if (method === 'stop') await own.showcaller.abandonCleanup(eventId, by);
        else {
          const run = own.client.workflow.getHandle(`live-event/${eventId}`);
          const { effect } = await run.executeUpdate<Accepted, [typeof by]>('release', { args: [by] });
          expect(effect).toContain('release is now called abandonCleanup');
        }
        const report = await own.showcaller.result(eventId);
        expect(report).toMatchObject({
          endReason: 'stopped-by-operator',
          released: false,
          left: { name: `sc-${eventId}` },
          audit: [{ action: 'stopNow' }, { action: 'abandonCleanup', ...by }],
        });
      } finally {
        await own.close();
      }
    },
  );
});
