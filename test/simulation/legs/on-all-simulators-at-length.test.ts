import { afterAll, beforeAll, expect, test } from 'vitest';
import { deaths, pairs, startFor } from './deaths.ts';
import { problemsOf } from './legs-harness.ts';
import { LegsOnSimulators } from './on-simulators.ts';

let shows: LegsOnSimulators;
beforeAll(async () => {
  shows = await LegsOnSimulators.open();
});
afterAll(() => shows.close());

const matrix = deaths.flatMap(([what, death]) => pairs.map(([a, b]) => ({ what, death, a, b })));

test.concurrent.each(matrix)('$what: $a, and $b carries the show', async ({ what, death, a, b }) => {
  const scenario = { what, a, b, death, start: startFor(death) };
  expect(problemsOf(await shows.play(scenario), scenario)).toEqual([]);
});
