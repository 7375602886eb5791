import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LiveWindow } from '../../../domain/channel.ts';
import { common, inside, merged, outside, totalMs } from '../../../domain/spans.ts';

const mostAt = 200;
const edges = fc.uniqueArray(fc.integer({ min: 0, max: mostAt }), { maxLength: 30 });
/** Sorted and disjoint. */
const disjoint = edges
  .map((all) => all.sort((a, b) => a - b))
  .map((all) => all.flatMap((to, i): LiveWindow[] => (i % 2 === 1 ? [{ from: all[i - 1] ?? 0, to }] : [])));
const any = fc.array(fc.tuple(fc.nat(mostAt), fc.nat(mostAt)).map(([from, to]): LiveWindow => ({ from, to })));
const isIn = (all: readonly LiveWindow[], at: number) => all.some(({ from, to }) => from <= at && at < to);
const isTidy = (all: readonly LiveWindow[]) =>
  all.every(({ from, to }, i) => from < to && from >= (all[i - 1]?.to ?? 0));
const instants = Array.from({ length: mostAt }, (_, at) => at + 0.5);

it('what lies in both lies in each, and is not more than either', () => {
  fc.assert(
    fc.property(disjoint, disjoint, (spans, others) => {
      const both = common(spans, others);
      for (const at of instants) expect(isIn(both, at)).toBe(isIn(spans, at) && isIn(others, at));
      expect(totalMs(both)).toBeLessThanOrEqual(Math.min(totalMs(spans), totalMs(others)));
      expect(isTidy(both)).toBe(true);
    }),
  );
});

it('what lies outside lies in no hole, in whatever order the holes are', () => {
  fc.assert(
    fc.property(disjoint, any, (spans, all) => {
      const holes = all.filter(({ from, to }) => from < to);
      const left = outside(spans, holes);
      for (const at of instants) expect(isIn(left, at)).toBe(isIn(spans, at) && !isIn(holes, at));
      expect(isTidy(left)).toBe(true);
    }),
  );
});

it('spans that touch or overlap are one, and so are those that are nearer than asked', () => {
  fc.assert(
    fc.property(any, (spans) => {
      const all = merged(spans);
      for (const at of instants) expect(isIn(all, at)).toBe(isIn(spans, at));
      expect(all.every(({ from }, i) => i === 0 || from > (all[i - 1]?.to ?? 0))).toBe(true);
    }),
  );
  const [first, second] = [
    { from: 0, to: 10 },
    { from: 15, to: 20 },
  ];
  expect(merged([second, first], 5)).toEqual([first, second]);
  expect(merged([second, first], 6)).toEqual([{ from: 0, to: 20 }]);
});

it('a span that is cut keeps what else it says', () => {
  const span = { name: 'n', from: 0, to: 100 };
  expect(inside([span], { from: 20, to: 50 })).toEqual([{ name: 'n', from: 20, to: 50 }]);
  expect(inside([span], { from: 100, to: 200 })).toEqual([]);
  expect(outside([span], [{ from: 20, to: 50 }])).toEqual([
    { name: 'n', from: 0, to: 20 },
    { name: 'n', from: 50, to: 100 },
  ]);
});
