import fc from 'fast-check';
import { fakeVendor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import { comparePerformance } from './compare.ts';
import { Canary, perform, remember } from './perform.ts';
import { anyScenario, type Scenario } from './scenario.ts';

export interface Checked {
  /** One text for each scenario in which the run and the design disagree, with what is needed to repeat it. */
  disagreements: string[];
  scenarios: number;
  /** Scenarios for which the design left one outcome only. */
  certain: number;
  reasons: Record<string, number>;
  left: number;
  /** How late each run can have learned of anything, ascending. */
  granularities: number[];
}

/** Some looks of the canary fall into even the shortest run, when a little of the time before it counts. */
const beforehandMs = 2000;

/** Plays random scenarios, `atOnce` of them at the same time, and holds each against the reference. */
export async function checkScenarios(options: { seed: number; count: number; atOnce: number }): Promise<Checked> {
  const { seed, count, atOnce } = options;
  const env = await testEnvironment();
  const { vendor, activities } = fakeVendor();
  const memory = remember(vendor);
  const checked: Checked = { disagreements: [], scenarios: 0, certain: 0, reasons: {}, left: 0, granularities: [] };
  try {
    await env.work(activities);
    const scenarios = fc.sample(anyScenario, { seed, numRuns: count });
    const canary = await Canary.sing(env, vendor);
    const play = async (scenario: Scenario, index: number): Promise<void> => {
      const from = Date.now();
      const performance = await perform(env, vendor, memory, scenario);
      const granularityMs = canary.granularityMs(from - beforehandMs, Date.now());
      const { disagreements, certain } = comparePerformance(performance, granularityMs, seed + index);
      const reason = performance.report.endReason ?? 'none';
      checked.scenarios += 1;
      checked.certain += certain ? 1 : 0;
      checked.reasons[reason] = (checked.reasons[reason] ?? 0) + 1;
      checked.granularities.push(granularityMs);
      if (disagreements.length === 0) return;
      checked.disagreements.push(JSON.stringify({ seed, index, granularityMs, disagreements, scenario, performance }));
    };
    const waiting = scenarios.entries();
    const harness = async (): Promise<void> => {
      for (const [index, scenario] of waiting) await play(scenario, index);
    };
    await Promise.all(Array.from({ length: atOnce }, harness));
    await canary.end();
    checked.granularities.sort((a, b) => a - b);
    checked.left = vendor.channels.size;
    return checked;
  } finally {
    await env.close();
  }
}
