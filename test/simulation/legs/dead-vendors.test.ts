import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deaths, pairs, startFor } from './deaths.ts';
import { LegsShows, problemsOf } from './legs-harness.ts';

let shows: LegsShows;
beforeAll(async () => {
  shows = await LegsShows.open();
});
afterAll(() => shows.close());

/** A pair of vendors for each death in turn; `at-length.test.ts` has each death on all pairs. */
const drawn = deaths.map(([what, death], at) => ({ what, death, pair: pairs[(at * 5) % pairs.length] ?? pairs[0] }));

describe('a vendor that is dead', () => {
  test.concurrent.each(drawn)('$what, and the other carries the show: $pair', async (one) => {
    const [a = '', b = ''] = one.pair ?? [];
    const scenario = { a, b, death: one.death, start: startFor(one.death) };
    expect(problemsOf(await shows.play(scenario), scenario)).toEqual([]);
  });
});
