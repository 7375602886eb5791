import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShowHarness, vendorNames } from '../../support/show-harness.ts';
import type { CrashedShow } from '../crashes/crashed-show.ts';
import { type Moment, momentText, steps, whens } from '../crashes/moments.ts';
import { sweepAtOnce, TerminatedRuns } from '../crashes/terminated.ts';
import {
  type CrashCase,
  caseName,
  crashedShows,
  expectUnproved,
  expectWhole,
  losesPicture,
} from '../crashes/worker-dies.ts';

/** What two cores carry beside their encoders. */
const atOnce = 5;
const moments = steps.flatMap((step) => whens.map((when): Moment => ({ step, when })));

describe.each(vendorNames)('on %s', (vendor) => {
  const cases: CrashCase[] = moments.map((moment) => ({ vendor, moment }));
  let harness: ShowHarness;
  let shows: Map<string, CrashedShow>;
  beforeAll(async () => {
    harness = await ShowHarness.open({ vendors: [vendor] });
    shows = await crashedShows(harness, cases, atOnce);
  });
  afterAll(() => harness.close());

  it.each(cases)(
    'kill -9 of the worker at $moment.step, $moment.when: another one brings the show to its end',
    (one) => {
      const expectAsIs = losesPicture(one) ? expectUnproved : expectWhole;
      expectAsIs(shows.get(caseName(one)));
    },
  );

  it('one channel was made for each show, and none is left', () => {
    expect(harness.channelsMade(vendor)).toBe(cases.length);
    expect(harness.left(vendor)).toEqual([]);
  });
});

describe('runs terminated from outside at every step, on every vendor', () => {
  it('leave nothing behind the sweep', async () => {
    const harness = await ShowHarness.open();
    const terminating = await TerminatedRuns.on(harness);
    for (const moment of moments) {
      const shows = await terminating.shows(vendorNames.map((vendor) => ({ vendor, moment })));
      await sweepAtOnce(harness);
      for (const vendor of vendorNames) {
        const left = { moment: momentText(moment), left: harness.left(vendor) };
        expect(left).toEqual({ moment: momentText(moment), left: [] });
      }
      await Promise.all(shows.map(({ encoder }) => encoder?.stop()));
    }
    await harness.close();
  });
});
