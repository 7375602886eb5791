import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { RunClock } from '../../../activities/run-clock.ts';
import { reportLines } from '../../../cli/report-text.ts';
import { attemptStart } from '../../../worker/attempt.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';

const minute = 60_000;

/** The report of a show without an encoder, on a worker whose clock is ahead. */
async function reportOn(aheadMs: number) {
  const own = await testEnvironment();
  const vendor = new FakeVendor();
  await own.work(activitiesOn(vendor, { clock: new RunClock({ startedAt: attemptStart(own.client) }) }), {
    skewMs: aheadMs,
  });
  const plan = planFor({ duration: '60s', waits: { firstConnect: '60s' } });
  await own.showcaller.start(plan);
  const report = await own.showcaller.result(plan.eventId);
  await own.close();
  return report;
}

describe('the status', () => {
  it.each([20, -20])(
    'says whose clock is wrong by %i minutes, from whose, and when that was seen last',
    async (minutes) => {
      const report = await reportOn(minutes * minute);
      expect(report.clocks).toEqual([
        {
          machine: hostname(),
          from: 'Temporal',
          aheadMs: expect.closeTo(minutes * minute, -4),
          at: expect.any(Number),
        },
      ]);
      // The last step that saw it is the clean-up.
      expect(report.clocks?.[0]?.at).toBeGreaterThanOrEqual((report.entered['cleaning-up'] ?? 0) - 1000);
      expect(reportLines(report).join('\n')).toContain(`${minutes > 0 ? 'ahead of' : 'behind'} Temporal's, last seen`);
    },
  );

  it('says nothing of clocks that agree', async () => {
    expect((await reportOn(0)).clocks).toBeUndefined();
  });
});
