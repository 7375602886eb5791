import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunClock } from '../../../activities/run-clock.ts';
import { attemptStart } from '../../../worker/attempt.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

const minute = 60_000;

it.each(['waiting-for-encoder', 'live'] as const)(
  'a worker that takes the cue to have come while %s does not end the show',
  async (phase) => {
    const own = await testEnvironment();
    const { vendor, activities } = fakeVendor();
    let isWrong = false;
    // As a worker of an earlier version does whose clock is an hour ahead.
    const watchEncoder: typeof activities.watchEncoder = async (watch) =>
      isWrong ? { kind: 'until' } : activities.watchEncoder(watch);
    await own.work({ ...activities, watchEncoder });
    const plan = planFor({ duration: '10m', waits: { firstConnect: '5m', encoderLost: '5m' } });
    await own.showcaller.start(plan);
    const status = () => own.showcaller.status(plan.eventId);
    const reaches = (wanted: string) => until(async () => (await status().catch(() => undefined))?.phase === wanted);
    await reaches('waiting-for-encoder');
    if (phase === 'live') {
      vendor.connect(`sc-${plan.eventId}`);
      await reaches('live');
    }
    isWrong = true;
    await until(async () => (await status()).warnings?.some(({ warning }) => warning === 'clock-skew'));
    isWrong = false;
    if (phase !== 'live') vendor.connect(`sc-${plan.eventId}`);
    const report = await own.showcaller.result(plan.eventId);
    expect(report).toMatchObject({ endReason: 'reached-end', released: true });
    expect(report.entered.stopping).toBeGreaterThanOrEqual(report.endsAt);
    expect(report.warnings?.filter(({ warning }) => warning === 'clock-skew')).toHaveLength(1);
    await own.close();
  },
);

it('a run that is behind meets a cue of which an attempt knows that it has come', async () => {
  const own = await testEnvironment();
  const { vendor, activities } = fakeVendor();
  let isPast = false;
  const watchEncoder: typeof activities.watchEncoder = async (watch) =>
    isPast ? { kind: 'until', at: watch.until } : activities.watchEncoder(watch);
  await own.work({ ...activities, watchEncoder });
  const plan = planFor({ duration: '10m', waits: { firstConnect: '5m', encoderLost: '5m' } });
  await own.showcaller.start(plan);
  await until(async () => vendor.channels.get(`sc-${plan.eventId}`)?.open);
  vendor.connect(`sc-${plan.eventId}`);
  await until(async () => (await own.showcaller.status(plan.eventId).catch(() => undefined))?.phase === 'live');
  isPast = true;
  const report = await own.showcaller.result(plan.eventId);
  // The time of the simulation is minutes behind, as that of a run is which a query has moved to another worker.
  expect(report.entered.stopping).toBeLessThan(report.endsAt - minute);
  expect(report).toMatchObject({ endReason: 'reached-end', released: true });
  expect(report.warnings ?? []).toEqual([]);
  await own.close();
});

it.each([0, 20 * minute, -20 * minute])(
  'a look that waited for a worker over its cue meets it at once, with a clock %i ms off',
  async (skewMs) => {
    const own = await testEnvironment();
    const vendor = new FakeVendor();
    const skews: number[] = [];
    const clock = new RunClock({ startedAt: attemptStart(own.client), onSkew: (ms) => skews.push(ms) });
    const activities = activitiesOn(vendor, { clock });
    await own.work(activities, { only: 'workflows' });
    const first = await own.work(activitiesOn(vendor), { only: 'activities' });
    const plan = planFor({ duration: '30m', waits: { firstConnect: '5m' } });
    await own.showcaller.start(plan);
    await until(
      async () => (await own.showcaller.status(plan.eventId).catch(() => undefined))?.entered['waiting-for-encoder'],
    );
    await first.stop();
    const { startsAt } = await own.showcaller.status(plan.eventId);
    // The look is due a moment later, and waits for minutes, past the end of the wait for the encoder.
    await pause(startsAt + 6 * minute - Date.now());
    const backAt = Date.now();
    await own.work(activities, { only: 'activities', skewMs });
    const report = await own.showcaller.result(plan.eventId);
    expect(report.endReason).toBe('encoder-never-connected');
    expect((report.entered.stopping ?? 0) - backAt).toBeLessThan(1000);
    expect(skews.every((ms) => Math.abs(ms - skewMs) < 1000)).toBe(true);
    await own.close();
  },
);
