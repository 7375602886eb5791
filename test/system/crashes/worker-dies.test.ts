import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShowHarness, vendorNames } from '../../support/show-harness.ts';
import type { CrashedShow } from './crashed-show.ts';
import { steps } from './moments.ts';
import { type CrashCase, caseName, crashedShows, expectUnproved, expectWhole, losesPicture } from './worker-dies.ts';

/** Every step is done at the vendor and its result is lost; the vendors take turns. */
const lostResults: CrashCase[] = steps.map((step, i) => ({
  vendor: vendorNames[i % vendorNames.length] ?? '',
  moment: { step, when: 'after' },
}));
/** The heartbeat timeout, and as much again for another process to begin. A delay that grew would be four minutes. */
const detectedWithinMs = 30_000;
/** After a look that went well; no operator stops this show. */
const lateLook: CrashCase = {
  vendor: 'alibaba-oss',
  moment: { step: 'watchEncoder', when: 'before', attempt: 2 },
  plan: { duration: '45s' },
};
const cases = [...lostResults, lateLook];

let harness: ShowHarness;
let shows: Map<string, CrashedShow>;
beforeAll(async () => {
  harness = await ShowHarness.open();
  shows = await crashedShows(harness, cases, cases.length);
});
afterAll(() => harness.close());

describe('kill -9 of the worker, when the vendor has done what was asked and its answer was lost', () => {
  it.each(lostResults.filter((one) => !losesPicture(one)))(
    'by $moment.step on $vendor: another worker brings the show to its end',
    (one) => {
      const crashed = shows.get(caseName(one));
      expectWhole(crashed);
      expect(crashed?.report.endReason).toBe('stopped-by-operator');
    },
  );

  it.each(lostResults.filter(losesPicture))(
    'by $moment.step on $vendor: the report says what was not recorded',
    (one) => expectUnproved(shows.get(caseName(one))),
  );

  it.each(vendorNames)('made one channel for each show on %s, and left none', (vendor) => {
    expect(harness.channelsMade(vendor)).toBe(cases.filter((one) => one.vendor === vendor).length);
    expect(harness.left(vendor)).toEqual([]);
  });
});

describe('kill -9 of the worker in a look at the encoder, after one that went well', () => {
  it('delays the end of the show no longer than until the death is detected', () => {
    const crashed = shows.get(caseName(lateLook));
    expectWhole(crashed);
    expect(crashed?.report.endReason).toBe('reached-end');
    const { entered, endsAt } = crashed?.report ?? { entered: {}, endsAt: 0 };
    expect((entered.stopping ?? Number.POSITIVE_INFINITY) - endsAt).toBeLessThan(detectedWithinMs);
  });
});
