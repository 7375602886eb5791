import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SweepReport } from '../../../domain/sweep.ts';
import { ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import type { Moment } from './moments.ts';
import { sweepAtOnce, TerminatedRuns, type TerminatedShow } from './terminated.ts';

let harness: ShowHarness;
let shows: TerminatedShow[];
let swept: SweepReport;

/** As many as every account may hold at once. The first channel is made when its run is dead already. */
const moments: Moment[] = [
  { step: 'allocate', when: 'before' },
  { step: 'createOutput', when: 'after' },
  { step: 'watchEncoder', when: 'reached' },
  { step: 'stop', when: 'before' },
];

beforeAll(async () => {
  harness = await ShowHarness.open();
  const terminating = await TerminatedRuns.on(harness);
  shows = await terminating.shows(vendorNames.flatMap((vendor) => moments.map((moment) => ({ vendor, moment }))));
  swept = await sweepAtOnce(harness);
});
afterAll(async () => {
  await Promise.all(shows.map(({ encoder }) => encoder?.stop()));
  await harness.close();
});

describe.each(vendorNames)('shows on %s, terminated from outside', (vendor) => {
  it('ended there, and say that the sweep has released what they left', async () => {
    const reports = await Promise.all(
      shows.filter(({ show }) => show.vendor === vendor).map(({ show }) => harness.env.showcaller.status(show.eventId)),
    );
    expect(new Set(reports.map(({ phase }) => phase))).toEqual(new Set(['failed']));
    for (const { released, sweptAt } of reports) expect(released).toBe(sweptAt !== undefined);
    expect(reports.filter(({ released }) => released).length).toBeGreaterThanOrEqual(moments.length - 1);
    // Where the first attempt only looks, or making is opening, there is nothing yet of the first show.
    const found = swept.accounts.find((one) => one.vendor === vendor)?.orphans.map(({ outcome }) => outcome) ?? [];
    expect(found.length).toBeGreaterThanOrEqual(moments.length - 1);
    expect(new Set(found)).toEqual(new Set(['released']));
  });

  it('leave nothing behind the sweep, whatever was under way', async () => {
    expect(harness.left(vendor)).toEqual([]);
    const again = await sweepAtOnce(harness);
    expect(again.accounts.find((one) => one.vendor === vendor)).toMatchObject({ orphans: [] });
  });

  it('let no encoder in any more, however long it knocks', async () => {
    const knocking = shows.flatMap(({ show, encoder }) => (show.vendor === vendor && encoder ? [encoder] : []));
    expect(knocking.length).toBeGreaterThan(0);
    for (const { knocks } of knocking) {
      const from = knocks.length;
      await until(() => knocks.length >= from + 5);
      expect(knocks.slice(from + 1).filter(({ letIn }) => letIn)).toEqual([]);
    }
  });
});
