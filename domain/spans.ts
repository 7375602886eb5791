import type { LiveWindow } from './channel.ts';

/** The parts of the spans that lie in one span of time, with what else they say. */
export const inside = <T extends LiveWindow>(spans: readonly T[], { from, to }: LiveWindow): T[] =>
  spans
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.from < span.to);

/** The parts of the spans that lie in none of the holes. */
export const outside = <T extends LiveWindow>(spans: readonly T[], holes: readonly LiveWindow[]): T[] =>
  holes.reduce<T[]>(
    (left, { from, to }) => [
      ...inside(left, { from: Number.NEGATIVE_INFINITY, to: from }),
      ...inside(left, { from: to, to: Number.POSITIVE_INFINITY }),
    ],
    [...spans],
  );

/** What lies in both. Each sorted and disjoint, and so is what it gives. */
export const common = (spans: readonly LiveWindow[], others: readonly LiveWindow[]): LiveWindow[] =>
  spans.flatMap((span) => inside(others, span));

/** Sorted and disjoint: those that overlap, touch, or are nearer to each other than `nearMs`, are one. */
export function merged(spans: readonly LiveWindow[], nearMs = 0): LiveWindow[] {
  const all: LiveWindow[] = [];
  for (const { from, to } of [...spans].filter((span) => span.from < span.to).sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && (from <= last.to || from - last.to < nearMs)) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

export const totalMs = (spans: readonly LiveWindow[]): number =>
  spans.reduce((sum, { from, to }) => sum + (to - from), 0);
