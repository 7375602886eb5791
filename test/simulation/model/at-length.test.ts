import { describe, expect, it } from 'vitest';
import { checkScenarios } from './check-scenarios.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const count = Number(process.env.SCENARIOS ?? 500);

describe('the timeline, at length', () => {
  it(`goes as the design says in ${count} scenarios (repeat with SEED=${seed})`, async () => {
    const checked = await checkScenarios({ seed, count, atOnce: 5 });
    const { certain, reasons, granularities } = checked;
    const medianMs = granularities[Math.floor(granularities.length / 2)];
    console.log(JSON.stringify({ seed, certain, reasons, medianMs, worstMs: granularities.at(-1) }));
    expect(checked.disagreements).toEqual([]);
    expect(checked.left).toBe(0);
    expect(checked.certain).toBeGreaterThan(checked.scenarios / 4);
  });
});
