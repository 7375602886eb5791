import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Prng } from '../prng.ts';
import { deaths, pairs, startFor } from './deaths.ts';
import { type LegsScenario, LegsShows, problemsOf } from './legs-harness.ts';

let shows: LegsShows;
beforeAll(async () => {
  shows = await LegsShows.open();
});
afterAll(() => shows.close());

const matrix = deaths.flatMap(([what, death]) => pairs.map(([a, b]) => ({ what, death, a, b })));
const { SEED, SEEDS } = process.env;
const firstSeed = Number(SEED ?? 1);
const seeds = Array.from({ length: Number(SEEDS ?? (SEED === undefined ? 2_000 : 1)) }, (_, at) => firstSeed + at);

/** Any pair, any death or none, hot or cold, with and without an operator. */
function scenarioOf(seed: number): LegsScenario {
  const prng = new Prng(seed);
  const [a, b] = prng.oneOf(pairs);
  const [, death] = prng.oneOf(deaths);
  return {
    a,
    b,
    ...(prng.chance(0.8) && { death }),
    start: prng.oneOf(['with-event', 'on-failure']),
    ...(prng.chance(0.2) && { require: 'all' as const }),
    ...(prng.chance(0.15) && { stopAfterMs: prng.between(0, 320_000) }),
    ...(prng.chance(0.15) && { cancelAfterMs: prng.between(0, 320_000) }),
  };
}

describe.skipIf(SEED !== undefined)('a vendor that is dead', () => {
  test.concurrent.each(matrix)('$what: $a, and $b carries the show', async ({ a, b, death }) => {
    const scenario = { a, b, death, start: startFor(death) };
    expect(problemsOf(await shows.play(scenario), scenario)).toEqual([]);
  });
});

describe('random shows on two vendors', () => {
  test.concurrent.each(seeds)('SEED=%i', async (seed) => {
    const scenario = scenarioOf(seed);
    expect({ scenario, problems: problemsOf(await shows.play(scenario), scenario) }).toEqual({
      scenario,
      problems: [],
    });
  });
});
