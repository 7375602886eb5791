import { describe, expect, it } from 'vitest';
import { checkScenarios } from './check-scenarios.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

describe('the timeline', () => {
  it(`goes as the design says, whatever the plan, the encoder and the operators do (SEED=${seed})`, async () => {
    const checked = await checkScenarios({ seed, count: 40, atOnce: 10 });
    expect(checked.disagreements).toEqual([]);
    expect(checked.left).toBe(0);
    // Otherwise the machine was too slow to tell anything, and a green test would say nothing.
    expect(checked.certain).toBeGreaterThan(checked.scenarios / 4);
  });
});
