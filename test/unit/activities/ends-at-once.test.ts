import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EndsAtOnce } from '../../../activities/ends-at-once.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Gives what says how long a stop that is done now waits for others, once it is over. */
function waitOf(othersBegun: () => Promise<boolean>): () => number | undefined {
  const from = performance.now();
  let ms: number | undefined;
  void othersBegun().then(() => {
    ms = performance.now() - from;
  });
  return () => ms;
}

it('a show that ends alone waits for no other, however long its stop takes', async () => {
  const othersBegun = new EndsAtOnce(1).begin();
  await pass(100);
  const ms = waitOf(othersBegun);
  await pass(0);
  expect(ms()).toBe(0);
});

it('a stop waits while others begin, and the last of them for none', async () => {
  const ends = new EndsAtOnce(1);
  const first = ends.begin();
  await pass(100);
  ends.begin();
  const ms = waitOf(first);
  await pass(200);
  expect(ms()).toBeUndefined();
  const last = waitOf(ends.begin());
  await pass(0);
  expect(last()).toBe(0);
  await pass(1_000);
  expect(ms()).toBe(450);
});

it('a stop that was begun long before another waits for none', async () => {
  const ends = new EndsAtOnce(1);
  const first = ends.begin();
  await pass(1_000);
  ends.begin();
  await pass(300);
  const ms = waitOf(first);
  await pass(0);
  expect(ms()).toBe(0);
});

it('a stop waits at most three seconds while others begin and begin', async () => {
  const ends = new EndsAtOnce(1);
  const first = ends.begin();
  await pass(1);
  ends.begin();
  const ms = waitOf(first);
  for (let n = 0; n < 50; n += 1) {
    await pass(100);
    ends.begin();
  }
  expect(ms()).toBe(3_000);
});

it('half of the attempts of a worker wait at most: the others are for the stops that begin', async () => {
  const ends = new EndsAtOnce(1);
  const begun = Array.from({ length: 251 }, () => ends.begin());
  await pass(10);
  ends.begin();
  const waits = begun.map(waitOf);
  await pass(0);
  expect(waits.filter((ms) => ms() === 0)).toHaveLength(1);
});
