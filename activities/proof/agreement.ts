import type { Track } from './track.ts';
import { shown } from './urls.ts';

/** A viewer whose player changes the variant must neither jump nor fall off: each is compared with the first. */
export function disagreements(tracks: readonly Track[]): string[] {
  const [first, ...others] = tracks;
  if (!first) return [];
  return others.flatMap((other) => differences(first, other).map((text) => `${shown(other.url)}: ${text}`));
}

function differences(first: Track, other: Track): string[] {
  const toleranceMs = Math.max(first.segmentMs, other.segmentMs);
  const problems: string[] = [];
  // As listed, or by its samples, whichever is more.
  const offs = [other.listedMs - first.listedMs, other.recordedMs - first.recordedMs];
  const offMs = offs.reduce((most, off) => (Math.abs(off) > Math.abs(most) ? off : most));
  if (Math.abs(offMs) > toleranceMs) {
    problems.push(
      `${Math.round(Math.abs(offMs) / 100) / 10} s ${offMs < 0 ? 'shorter' : 'longer'} than the first variant`,
    );
  }
  const [here, there] = [other.breaksAt, first.breaksAt];
  if (here.length !== there.length) {
    problems.push(`${here.length} discontinuities, the first variant has ${there.length}`);
  } else {
    const apart = here.findIndex((at, i) => Math.abs(at - (there[i] ?? 0)) > toleranceMs);
    if (apart >= 0) problems.push(`discontinuity ${apart + 1} is not where the first variant has it`);
  }
  return problems;
}
