import { afterAll, describe, expect, it } from 'vitest';
import type { TestEnvironment } from '../environment-types.ts';
import { runningPhases, WrongClock, wrongClocks } from '../workflows/wrong-clocks.ts';
import { ScenarioAccounts } from './accounts.ts';
import { failureReport } from './failure-report.ts';
import { faultyVendors } from './operations.ts';
import { problemsOf } from './oracle.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';

const scenarioOf = (vendor: string, seed: number): Scenario => ({
  seed,
  vendor,
  plan: {
    startsAfterMs: 3_000,
    durationMs: 6_000,
    firstConnectMs: 4_000,
    encoderLostMs: 2_500,
    maxDurationMs: 8_000,
    publish: true,
  },
  // Loads the vendor's SDK before the show begins, which takes seconds on a busy machine.
  neighbour: true,
  poller: false,
  faults: [],
  encoder: { kind: 'sends', comes: 0, turns: [], afterwards: 'stays' },
  operators: [],
});

const phasesToTry = ['all', ...runningPhases] as const;
const clocks = Object.entries(wrongClocks);

/** Two workers, of which one has a clock that goes wrong. Each vendor begins with another clock. */
const all = phasesToTry.flatMap((isWrongIn, phase) =>
  faultyVendors.flatMap((vendor, own) => {
    const [how, fault] = clocks[(phase + own) % clocks.length] ?? [];
    return how && fault
      ? [{ vendor, how, fault, isWrongIn, seed: 950_000 + 100 * own + phase, turn: phase - own }]
      : [];
  }),
);

/** The real drivers on workers whose clock goes wrong: in each phase at each vendor, or in one of them, in turn. */
export function driversBearWrongClocks(each: 'phase' | 'vendor'): void {
  const opened: ScenarioAccounts[] = [];
  afterAll(() => Promise.all(opened.map((accounts) => accounts.close())));

  describe('real drivers', () => {
    it.each(all.filter(({ turn }) => each === 'phase' || turn === 0))(
      'lose nothing at $vendor, and the show ends on time, by two workers of which one is $how in $isWrongIn',
      async ({ vendor, fault, isWrongIn, seed }) => {
        const scenario = scenarioOf(vendor, seed);
        const eventId = `clock-${seed}`;
        const clock = new WrongClock(fault, isWrongIn);
        const wrong = (env: TestEnvironment) => () => clock.skewMs(env.phaseOf(eventId));
        const accounts = await ScenarioAccounts.openWithClocks((env) => [wrong(env), 0]);
        opened.push(accounts);
        const evidence = await play(accounts, scenario, eventId);
        const violations = problemsOf(evidence);
        if (violations.length > 0) expect.fail(failureReport(scenario, violations, evidence));
        const { report } = evidence;
        expect(report).toMatchObject({ endReason: 'reached-end', gaps: [], released: true });
        expect(report?.vod.map(({ proof }) => proof.proved)).toEqual([true]);
        const { startsAt = 0, endsAt = 0, entered } = report ?? {};
        const late = (entered?.stopping ?? 0) - endsAt;
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThanOrEqual(1_000);
        expect((entered?.allocating ?? 0) - startsAt).toBeGreaterThanOrEqual(-1_000);
      },
    );
  });
}
