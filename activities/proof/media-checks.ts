import type { ByteRange, MediaPlaylist, Segment } from './playlist.ts';
import { type Scan, valuesOf } from './scan.ts';
import { shown } from './urls.ts';

/** TARGETDURATION is there, and no segment is longer (RFC 8216, 4.3.3.1: after rounding). */
export function targetDurationProblems({ scan, segments, targetMs }: MediaPlaylist): string[] {
  const stated = valuesOf(scan, 'EXT-X-TARGETDURATION');
  if (stated.length !== 1) return [`${stated.length} EXT-X-TARGETDURATION instead of one`];
  if (!(targetMs > 0)) return [`EXT-X-TARGETDURATION is '${stated[0]}'`];
  const target = targetMs / 1000;
  return segments.flatMap(({ durationMs }, i) =>
    Math.round(durationMs / 1000) > target
      ? [`segment ${i} lasts ${durationMs / 1000} s, the target is ${target} s`]
      : [],
  );
}

/** ENDLIST once and last, and the vendor's own word that it is final: a live playlist can carry ENDLIST too. */
export function endProblems({ scan }: MediaPlaylist, finality: string): string[] {
  const ends = valuesOf(scan, 'EXT-X-ENDLIST').length;
  const problems: string[] = [];
  if (ends !== 1) problems.push(ends === 0 ? 'no EXT-X-ENDLIST' : `${ends} EXT-X-ENDLIST`);
  else if (scan.linesAfterEnd > 0) problems.push(`${scan.linesAfterEnd} lines after EXT-X-ENDLIST`);
  if (finality.trim() === '') problems.push('the vendor gave no sign of its own that the recording is final');
  return problems;
}

/** The lowest EXT-X-VERSION that may use what is used (RFC 8216, 7). */
const featureVersions: readonly { feature: string; version: number; used: (scan: Scan) => boolean }[] = [
  { feature: 'fractional EXTINF', version: 3, used: (scan) => scan.durations.some((raw) => /\.\d*[1-9]/.test(raw)) },
  { feature: 'EXT-X-BYTERANGE', version: 4, used: (scan) => scan.tags.has('EXT-X-BYTERANGE') },
  { feature: 'EXT-X-MAP', version: 5, used: (scan) => scan.tags.has('EXT-X-MAP') },
  {
    feature: 'KEYFORMAT',
    version: 5,
    used: (scan) => valuesOf(scan, 'EXT-X-KEY').some((value) => value.includes('KEYFORMAT=')),
  },
];

/** PLAYLIST-TYPE absent, VOD or EVENT; VERSION high enough for what is used. */
export function typeAndVersionProblems({ scan }: MediaPlaylist): string[] {
  const problems: string[] = [];
  const types = valuesOf(scan, 'EXT-X-PLAYLIST-TYPE');
  if (types.length > 1) problems.push(`${types.length} EXT-X-PLAYLIST-TYPE`);
  const strange = types.filter((type) => type !== 'VOD' && type !== 'EVENT');
  if (strange.length > 0) problems.push(`EXT-X-PLAYLIST-TYPE is '${strange[0]}'`);
  const versions = valuesOf(scan, 'EXT-X-VERSION');
  if (versions.length > 1) problems.push(`${versions.length} EXT-X-VERSION`);
  const version = Number.parseInt(versions[0] ?? '1', 10) || 0;
  for (const { feature, version: needed, used } of featureVersions) {
    if (version < needed && used(scan)) problems.push(`${feature} needs version ${needed}, stated is ${version}`);
  }
  return problems;
}

/** Segments are there, each with an address and a duration, none twice, byte ranges without a hole. */
export function segmentListProblems({ scan, segments }: MediaPlaylist): string[] {
  const problems: string[] = [];
  if (segments.length === 0) problems.push('no segments');
  if (scan.danglingDurations > 0) problems.push(`${scan.danglingDurations} EXTINF without an address: cut off?`);
  for (const raw of scan.durations) {
    if (!/^\d+(\.\d+)?$/.test(raw) || Number(raw) <= 0) problems.push(`EXTINF with the duration '${raw}'`);
  }
  if (segments.some(({ url }) => url === '')) problems.push('a segment with an address that cannot be resolved');
  return [...problems, ...repeated(segments), ...brokenRanges(segments)];
}

function repeated(segments: readonly Segment[]): string[] {
  const seen = new Set<string>();
  return segments.flatMap(({ url, range, gap }) => {
    const key = `${url} ${range ? `${range.offset}+${range.length}` : ''}`;
    if (gap || !seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [`${shown(url)} is listed twice`];
  });
}

/** Bytes that no segment plays are a sign of a lost line. */
function brokenRanges(segments: readonly Segment[]): string[] {
  const ends = new Map<string, number>();
  return segments.flatMap(({ url, range }) => {
    if (!range) return [];
    const problem = rangeProblem(range, ends.get(url));
    ends.set(url, range.offset + range.length);
    return problem ? [`${shown(url)}: ${problem}`] : [];
  });
}

function rangeProblem({ offset, length }: ByteRange, previousEnd: number | undefined): string | undefined {
  if (!(length > 0) || offset < 0) return `byte range ${length}@${offset} cannot be`;
  if (previousEnd === undefined || offset === previousEnd) return undefined;
  return `byte range begins at ${offset}, the one before ended at ${previousEnd}`;
}
