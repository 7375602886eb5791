import type { LiveWindow } from '../../../domain/channel.ts';

const clipped = (spans: readonly LiveWindow[], { from, to }: LiveWindow): LiveWindow[] =>
  spans
    .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.from < span.to)
    .sort((a, b) => a.from - b.from);

/** Sorted and disjoint, inside a span; spans nearer than `withinMs` are one. */
export function unionOf(spans: readonly LiveWindow[], inside: LiveWindow, withinMs = 0): LiveWindow[] {
  const union: LiveWindow[] = [];
  for (const span of clipped(spans, inside)) {
    const last = union.at(-1);
    if (last && span.from - last.to <= withinMs) last.to = Math.max(last.to, span.to);
    else union.push({ ...span });
  }
  return union;
}

/** How much of a span the others cover, milliseconds. */
export const overlapMs = (spans: readonly LiveWindow[], inside: LiveWindow): number =>
  unionOf(spans, inside).reduce((sum, { from, to }) => sum + (to - from), 0);
