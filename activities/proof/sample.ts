import type { Segment } from './playlist.ts';

/**
 * Which segments to fetch, by index: all when the budget allows; otherwise first and last, both sides of every
 * discontinuity, and an even sample of the rest. Segments marked as missing are never fetched.
 */
export function sampleOf(segments: readonly Segment[], budget: number): number[] {
  const present = [...segments.keys()].filter((i) => segments[i]?.gap === false);
  if (present.length <= budget) return present;
  const wanted = new Set([present.at(0), present.at(-1)]);
  for (const i of spread(atBreaks(segments, present), budget - wanted.size)) wanted.add(i);
  const rest = present.filter((i) => !wanted.has(i));
  for (const i of spread(rest, budget - wanted.size)) wanted.add(i);
  return present.filter((i) => wanted.has(i));
}

function atBreaks(segments: readonly Segment[], present: readonly number[]): number[] {
  return present.filter((i) => segments[i]?.discontinuity || segments[i + 1]?.discontinuity);
}

/** At most `count` of the items, evenly spread. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (count <= 0) return [];
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as T);
}
