import { expect, it } from 'vitest';
import { SharedReads } from '../../../../api/http/shared-reads.ts';
import { until } from '../../../support/until.ts';

/** Reads that end when the test says so, each with its number. */
function world() {
  const begun: ((error?: Error) => void)[] = [];
  const reads = new SharedReads<number>();
  const read = (key = 'all') =>
    reads.read(
      key,
      () =>
        new Promise((resolve, reject) => {
          const n = begun.length;
          begun.push((error) => (error ? reject(error) : resolve(n)));
        }),
    );
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { begun, read, settled };
}

it('begins after each question, and once for all who ask while another is under way', async () => {
  const { begun, read, settled } = world();
  const first = read();
  const others = Array.from({ length: 15 }, () => read());
  expect(begun).toHaveLength(1);
  begun[0]?.();
  await settled();
  expect(begun).toHaveLength(2);
  const late = read();
  begun[1]?.();
  await settled();
  begun[2]?.();
  expect(await first).toBe(0);
  expect(await Promise.all(others)).toEqual(Array(15).fill(1));
  expect(await late).toBe(2);
});

it('begins at once for another question, and again when none is under way', async () => {
  const { begun, read, settled } = world();
  const answers = [read('a'), read('b')];
  expect(begun).toHaveLength(2);
  for (const end of begun) end();
  await settled();
  answers.push(read('a'));
  expect(begun).toHaveLength(3);
  begun[2]?.();
  expect(await Promise.all(answers)).toEqual([0, 1, 2]);
});

it('gives a failure to those alone whose read it was', async () => {
  const { begun, read, settled } = world();
  const first = read();
  const second = read();
  begun[0]?.(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await settled();
  begun[1]?.();
  expect(await second).toBe(1);
});

it('stops a read when all who asked have gone, and begins anew for who asks afterwards', async () => {
  const stops: AbortSignal[] = [];
  const ends: (() => void)[] = [];
  const reads = new SharedReads<number>();
  const ask = () => {
    const leaving = new AbortController();
    const work = (stop: AbortSignal) => {
      const n = stops.push(stop);
      return new Promise<number>((resolve) => ends.push(() => resolve(n)));
    };
    return { leave: () => leaving.abort(), answer: reads.read('all', work, leaving.signal) };
  };
  const [first, second, third] = [ask(), ask(), ask()];
  first.leave();
  expect(stops[0]?.aborted).toBe(true);
  second.leave();
  third.leave();
  const late = ask();
  ends[0]?.();
  await first.answer;
  // What was left before it began stops at once; who came afterwards does not wait for it.
  await until(() => stops.length === 3);
  expect(
    stops
      .slice(1)
      .map(({ aborted }) => aborted)
      .sort(),
  ).toEqual([false, true]);
  for (const end of ends) end();
  expect(stops[(await late.answer) - 1]?.aborted).toBe(false);
});
