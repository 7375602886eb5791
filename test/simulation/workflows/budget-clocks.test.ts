import { afterEach, expect, it } from 'vitest';
import { RunClock } from '../../../activities/run-clock.ts';
import { attemptStart } from '../../../worker/attempt.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const minute = 60_000;
const oneLookMs = 2_500;

let env: TestEnvironment | undefined;
afterEach(() => env?.close());

it.each([
  ['behind', -20 * minute],
  ['ahead', 20 * minute],
])('a budget ends the show in time while the clock of the worker is 20 minutes %s', async (_, skewMs) => {
  env = await testEnvironment();
  const vendor = new FakeVendor();
  await env.work(activitiesOn(vendor, { clock: new RunClock({ startedAt: attemptStart(env.client) }) }), { skewMs });
  const waits = { firstConnect: '60s', encoderLost: '60s' };
  const plan = planFor({ duration: '180s', waits, budget: { billedMinutes: 1, onLimit: 'stop' } });
  await env.showcaller.start(plan);
  const status = () => env?.showcaller.status(plan.eventId).catch(() => undefined);
  await until(async () => (await status())?.phase === 'waiting-for-encoder');
  vendor.connect(`sc-${plan.eventId}`);
  const report = await env.showcaller.result(plan.eventId);
  expect(report.endReason).toBe('budget-spent');
  const [near, spent] = (report.warnings ?? []).filter(({ warning }) => warning.startsWith('budget'));
  const from = report.windows[0]?.from ?? 0;
  expect(Math.abs((near?.at ?? 0) - from - 48_000)).toBeLessThan(oneLookMs);
  expect(Math.abs((spent?.at ?? 0) - from - 60_000)).toBeLessThan(oneLookMs);
});
