import type { SegmentList } from './segments.ts';

/**
 * Which segments to fetch, by index: all when the budget allows; otherwise first and last, both sides of every
 * discontinuity, and an even sample of the rest. Segments marked as missing are never fetched.
 */
export function sampleOf(segments: Pick<SegmentList, 'length' | 'gaps' | 'breaks'>, budget: number): number[] {
  const { length, gaps, breaks } = segments;
  const wanted = new Set<number>();
  if (length - gaps.size > budget) {
    for (const i of [firstPresent(length, gaps), lastPresent(length, gaps)]) wanted.add(i);
    const atBreaks = [...breaks].flatMap((i) => [i - 1, i]).filter((i) => i >= 0 && !gaps.has(i) && !wanted.has(i));
    for (const i of spread([...new Set(atBreaks)], budget - wanted.size)) wanted.add(i);
  }
  return withRest(length, gaps, wanted, budget);
}

const firstPresent = (length: number, gaps: ReadonlySet<number>): number => {
  for (let i = 0; i < length; i += 1) if (!gaps.has(i)) return i;
  return 0;
};

const lastPresent = (length: number, gaps: ReadonlySet<number>): number => {
  for (let i = length - 1; i > 0; i -= 1) if (!gaps.has(i)) return i;
  return 0;
};

/** What is wanted and, up to the budget, an even sample of the rest, in order. */
function withRest(length: number, gaps: ReadonlySet<number>, wanted: ReadonlySet<number>, budget: number): number[] {
  const others = length - gaps.size - wanted.size;
  const count = Math.min(others, budget - wanted.size);
  const sample: number[] = [];
  const nextOf = (taken: number) => (taken < count ? Math.floor((taken * others) / count) : -1);
  let [passed, taken, next] = [0, 0, nextOf(0)];
  for (let i = 0; i < length; i += 1) {
    if (wanted.has(i)) sample.push(i);
    else if (!gaps.has(i)) {
      if (passed === next) {
        sample.push(i);
        taken += 1;
        next = nextOf(taken);
      }
      passed += 1;
    }
  }
  return sample;
}

/** At most `count` of the items, evenly spread from the first one on. */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (count <= 0) return [];
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as T);
}
