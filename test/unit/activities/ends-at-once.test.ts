import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EndsAtOnce } from '../../../activities/ends-at-once.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Gives what says how long a stop that is done now waits for others, once it is over. */
function waitOf(ends: EndsAtOnce, isOver = () => false): () => number | undefined {
  const from = performance.now();
  let ms: number | undefined;
  void ends.othersBegun(isOver).then(() => {
    ms = performance.now() - from;
  });
  return () => ms;
}

it('a stop that takes longer than others could be behind it waits for none', async () => {
  const ends = new EndsAtOnce(1);
  ends.begins();
  await pass(250);
  const ms = waitOf(ends);
  await pass(0);
  expect(ms()).toBe(0);
});

it('a stop that is done at once waits for those that the same instant brings', async () => {
  const ends = new EndsAtOnce(1);
  ends.begins();
  const ms = waitOf(ends);
  await pass(200);
  ends.begins();
  await pass(249);
  expect(ms()).toBeUndefined();
  await pass(1);
  expect(ms()).toBe(450);
});

it('a stop that took long waits for one that began just now', async () => {
  const ends = new EndsAtOnce(1);
  ends.begins();
  await pass(1_000);
  ends.begins();
  const ms = waitOf(ends);
  await pass(1_000);
  expect(ms()).toBe(250);
});

it.each([1, 2])(
  'a stop waits at most ten seconds while others begin and begin, at a time scale of %s',
  async (timeScale) => {
    const ends = new EndsAtOnce(timeScale);
    ends.begins();
    const ms = waitOf(ends);
    for (let n = 0; n < 150; n += 1) {
      await pass(100);
      ends.begins();
    }
    expect(ms()).toBe(10_000);
  },
);

it('a stop does not wait once its attempt or its worker is over', async () => {
  const ends = new EndsAtOnce(1);
  let isOver = false;
  ends.begins();
  const ms = waitOf(ends, () => isOver);
  await pass(100);
  ends.begins();
  isOver = true;
  await pass(200);
  expect(ms()).toBe(250);
});

it('most of the attempts of a worker wait at most: the others are for the stops that begin', async () => {
  const ends = new EndsAtOnce(1);
  ends.begins();
  const waits = Array.from({ length: 1_001 }, () => waitOf(ends));
  await pass(0);
  expect(waits.filter((ms) => ms() === 0)).toHaveLength(1);
});
