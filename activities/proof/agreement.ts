import { type MediaPlaylist, totalMs, typicalMs } from './playlist.ts';
import { shown } from './urls.ts';

/** A viewer whose player changes the variant must neither jump nor fall off: each is compared with the first. */
export function disagreements(playlists: readonly MediaPlaylist[]): string[] {
  const [first, ...others] = playlists;
  if (!first) return [];
  return others.flatMap((other) => differences(first, other).map((text) => `${shown(other.url)}: ${text}`));
}

function differences(first: MediaPlaylist, other: MediaPlaylist): string[] {
  const toleranceMs = Math.max(typicalMs(first.segments), typicalMs(other.segments));
  const problems: string[] = [];
  const offMs = totalMs(other.segments) - totalMs(first.segments);
  if (Math.abs(offMs) > toleranceMs) {
    problems.push(`${Math.abs(offMs) / 1000} s ${offMs < 0 ? 'shorter' : 'longer'} than the first variant`);
  }
  const [here, there] = [breaksOf(other), breaksOf(first)];
  if (here.length !== there.length) {
    problems.push(`${here.length} discontinuities, the first variant has ${there.length}`);
  } else {
    const apart = here.findIndex((at, i) => Math.abs(at - (there[i] ?? 0)) > toleranceMs);
    if (apart >= 0) problems.push(`discontinuity ${apart + 1} is not where the first variant has it`);
  }
  return problems;
}

/** Where on the timeline each discontinuity is, milliseconds. */
function breaksOf({ segments }: MediaPlaylist): number[] {
  let at = 0;
  return segments.flatMap(({ discontinuity, durationMs }) => {
    const begins = at;
    at += durationMs;
    return discontinuity ? [begins] : [];
  });
}
