import { expect, it } from 'vitest';
import { Turns } from '../../../../api/auth/turns.ts';
import type { HttpProblem } from '../../../../api/http/problem.ts';

/** Work that ends when it is let go. */
function held() {
  const goes: (() => void)[] = [];
  const began: number[] = [];
  const work = (n: number) => async () => {
    began.push(n);
    await new Promise<void>((resolve) => goes.push(resolve));
    return n;
  };
  return { work, began, endOne: () => goes.shift()?.() };
}

it('does so much of one address at once, the rest in order, and refuses what would wait too long', async () => {
  const turns = new Turns({ atOnce: 2, mostWaiting: 3 }, 'tokens of this address');
  const { work, began, endOne } = held();
  const outcomes = [1, 2, 3, 4, 5, 6].map((n) =>
    turns.take('flood', work(n)).catch((error: HttpProblem) => error.facts.status),
  );
  expect(await outcomes[5]).toBe(429);
  expect(began).toEqual([1, 2]);
  endOne();
  expect(await outcomes[0]).toBe(1);
  expect(began).toEqual([1, 2, 3]);
  for (const outcome of outcomes.slice(1, 5)) {
    endOne();
    await outcome;
  }
  expect(began).toEqual([1, 2, 3, 4, 5]);
  expect(await turns.take('flood', async () => 'again')).toBe('again');
});

it('keeps no other address waiting, and goes on after a failure', async () => {
  const turns = new Turns({ atOnce: 1, mostWaiting: 1 }, 'x');
  const { work, endOne } = held();
  const [first, second] = [
    turns.take('flood', work(1)),
    turns.take('flood', async () => Promise.reject(new Error('bad'))),
  ];
  expect(await turns.take('other', async () => 'done')).toBe('done');
  endOne();
  await first;
  await expect(second).rejects.toThrow('bad');
  expect(await turns.take('flood', async () => 'done')).toBe('done');
});

it('gives no turn to who has gone, and its place in the line to another', async () => {
  const turns = new Turns({ atOnce: 1, mostWaiting: 1 }, 'x');
  const { work, began, endOne } = held();
  const first = turns.take('flood', work(1));
  const leaving = new AbortController();
  const gone = turns.take('flood', work(2), leaving.signal).catch((error: HttpProblem) => error.facts.status);
  leaving.abort();
  expect(await gone).toBe(499);
  const third = turns.take('flood', work(3));
  endOne();
  await first;
  endOne();
  expect(await third).toBe(3);
  expect(began).toEqual([1, 3]);
});
