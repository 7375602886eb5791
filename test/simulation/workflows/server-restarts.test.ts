import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { PollerPort } from '../../../activities/ports.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import { attemptStart } from '../../../worker/attempt.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';

const minute = 60_000;
/** It says that it follows the account, and sees nothing: the run's own look comes after ten minutes. */
const poller = { ensure: async () => true } as unknown as PollerPort;

/** A show that waits for its encoder, whose next look is minutes away; `next` is the worker that has it when Temporal is back. */
async function shownThroughRestart({ skewMs, next }: { skewMs: number; next: 'same' | 'new' }) {
  const own = await testEnvironment();
  const vendor = new FakeVendor();
  const clocks: RunClock[] = [];
  const work = () => {
    const clock = new RunClock({ startedAt: attemptStart(own.client) });
    clocks.push(clock);
    return own.work(activitiesOn(vendor, { clock, poller }), { skewMs });
  };
  const first = await work();
  const plan = planFor({ duration: '60m', waits: { firstConnect: '30m', encoderLost: '10m' } });
  await own.showcaller.start(plan);
  await until(() => own.phaseOf(plan.eventId) === 'waiting-for-encoder');
  await pause(5_000);
  if (next === 'new') {
    await first.stop();
    await work();
  }
  own.serverRestarts();
  await pause(5_000);
  const offMs = (clocks.at(-1)?.now() ?? 0) - Date.now();
  vendor.connect(`sc-${plan.eventId}`);
  const report = await own.showcaller.result(plan.eventId);
  await own.close();
  return { offMs, report };
}

describe.each([0, -20 * minute, 20 * minute])('with a clock %i ms off', (skewMs) => {
  it.skipIf(process.env.REAL_SERVER).each(['same', 'new'] as const)(
    'a Temporal that starts the next looks before their time does not change what time it is for the %s worker',
    async (next) => {
      const { offMs, report } = await shownThroughRestart({ skewMs, next });
      expect(Math.abs(offMs)).toBeLessThan(2_000);
      expect(report).toMatchObject({ endReason: 'reached-end', released: true });
      expect((report.entered.stopping ?? 0) - report.endsAt).toBeLessThan(1_000);
      const seenMs = report.clocks?.map(({ aheadMs }) => aheadMs) ?? [0];
      expect(Math.abs(Number(seenMs[0]) - skewMs)).toBeLessThan(2_000);
    },
  );
});
