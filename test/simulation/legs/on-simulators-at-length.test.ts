import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deaths, pairs, startFor } from './deaths.ts';
import { problemsOf } from './legs-harness.ts';
import { LegsOnSimulators } from './on-simulators.ts';

let shows: LegsOnSimulators;
beforeAll(async () => {
  shows = await LegsOnSimulators.open();
});
afterAll(() => shows.close());

/** Each vendor dies once, each in another way; `on-all-simulators-at-length.test.ts` has each death on all pairs. */
const drawn = deaths
  .slice(0, 4)
  .map(([what, death], at) => ({ what, death, pair: pairs[at * 3 + (at % 3)] ?? pairs[0] }));

describe('a vendor that is dead, with the drivers on the simulators', () => {
  test.concurrent.each(drawn)('$what, and the other carries the show: $pair', async ({ what, death, pair }) => {
    const [a = '', b = ''] = pair ?? [];
    const scenario = { what, a, b, death, start: startFor(death) };
    expect(problemsOf(await shows.play(scenario), scenario)).toEqual([]);
  });
});
