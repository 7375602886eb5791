import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phase } from '../../../domain/phases.ts';
import { ScenarioAccounts } from './accounts.ts';
import { failureReport } from './failure-report.ts';
import { faultyVendors } from './operations.ts';
import { problemsOf } from './oracle.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';

/** The call that ends what is billed. */
const releases: Readonly<Record<string, string>> = {
  'alibaba-oss': 'DeleteLiveChannel',
  'aws-ivs': 'DeleteChannel',
  'azure-media-services': 'LiveEvents_Delete',
  'volcengine-live': 'ForbidStream',
};

const cases = [
  { which: 'every call', from: 'allocating' },
  { which: 'every call', from: 'live' },
  { which: 'the call that releases', from: 'live' },
] as const satisfies readonly { which: string; from: Phase }[];

/** From a phase on: every call until the run has tried a closing step three times, or one call five times. */
const scenarioOf = (vendor: string, { which, from }: (typeof cases)[number], seed: number): Scenario => ({
  seed,
  vendor,
  plan: {
    startsAfterMs: 0,
    durationMs: 6_000,
    firstConnectMs: 4_000,
    encoderLostMs: 2_500,
    maxDurationMs: 8_000,
    publish: true,
  },
  neighbour: true,
  poller: false,
  faults: [
    {
      kind: 'answer',
      operation: which === 'every call' ? '*' : (releases[vendor] ?? ''),
      from,
      skip: 0,
      times: which === 'every call' ? 'lasting' : 5,
    },
  ],
  encoder: { kind: 'sends', comes: 0, turns: [], afterwards: 'stays' },
  operators: [],
});

/** A vendor in maintenance: in each of the cases, or in one of them, in turn. */
export function maintenanceIsWaitedFor(each: 'case' | 'vendor'): void {
  let accounts: ScenarioAccounts;
  beforeAll(async () => {
    accounts = await ScenarioAccounts.open();
  });
  afterAll(() => accounts.close());

  describe.each(faultyVendors)('a maintenance page of %s', (vendor) => {
    const turn = faultyVendors.indexOf(vendor) % cases.length;
    it.each(each === 'case' ? cases : cases.slice(turn, turn + 1))(
      'to $which from $from on: the run waits, and says nothing is released before it is',
      async (one) => {
        const seed = 900_000 + 10 * faultyVendors.indexOf(vendor) + cases.indexOf(one);
        const scenario = scenarioOf(vendor, one, seed);
        const evidence = await play(accounts, scenario);
        const violations = problemsOf(evidence);
        if (violations.length > 0) expect.fail(failureReport(scenario, violations, evidence));
        const { report, calls } = evidence;
        expect(calls.filter(({ fault }) => fault === 'answer').length).toBeGreaterThan(2);
        expect(report?.released).toBe(true);
        if (one.from === 'allocating') return;
        expect(report).toMatchObject({ endReason: 'reached-end', gaps: [] });
        expect(report?.vod.map(({ proof }) => proof.proved)).toEqual([true]);
      },
    );
  });
}
