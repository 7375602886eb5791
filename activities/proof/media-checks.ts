import type { ProofPlaylist } from './playlist.ts';
import type { PlaylistDigest } from './playlist-text.ts';

/** TARGETDURATION is there, and no segment is longer (RFC 8216, 4.3.3.1: after rounding). */
export function targetDurationProblems({ text, segments, targetMs }: ProofPlaylist): string[] {
  const stated = text.count('EXT-X-TARGETDURATION');
  if (stated !== 1) return [`${stated} EXT-X-TARGETDURATION instead of one`];
  if (!(targetMs > 0)) return ['EXT-X-TARGETDURATION is not a number above 0'];
  const target = targetMs / 1000;
  const problems: string[] = [];
  for (const [i, durationMs] of segments.durations.entries()) {
    if (Math.round(durationMs / 1000) <= target) continue;
    problems.push(`segment ${i} lasts ${durationMs / 1000} s, the target is ${target} s`);
  }
  return problems;
}

/** ENDLIST once and last, and the vendor's own word that it is final: a live playlist can carry ENDLIST too. */
export function endProblems({ text }: ProofPlaylist, finality: string): string[] {
  const ends = text.count('EXT-X-ENDLIST');
  const problems: string[] = [];
  if (ends !== 1) problems.push(ends === 0 ? 'no EXT-X-ENDLIST' : `${ends} EXT-X-ENDLIST`);
  else if (text.linesAfterEnd > 0) problems.push(`${text.linesAfterEnd} lines after EXT-X-ENDLIST`);
  if (finality.trim() === '') problems.push('the vendor gave no sign of its own that the recording is final');
  return problems;
}

/** The lowest EXT-X-VERSION that may use what is used (RFC 8216, 7). */
function neededVersions({ text, decimals }: ProofPlaylist): [feature: string, version: number][] {
  return [
    ...(decimals > 0 ? [['fractional EXTINF', 3] as [string, number]] : []),
    ...(text.has('EXT-X-BYTERANGE') ? [['EXT-X-BYTERANGE', 4] as [string, number]] : []),
    ...(text.has('EXT-X-MAP') ? [['EXT-X-MAP', 5] as [string, number]] : []),
    ...(usesKeyFormat(text) ? [['KEYFORMAT', 5] as [string, number]] : []),
  ];
}

const usesKeyFormat = (text: PlaylistDigest): boolean =>
  text.values('EXT-X-KEY').some((value) => value.includes('KEYFORMAT='));

/** PLAYLIST-TYPE absent, VOD or EVENT; VERSION high enough for what is used. */
export function typeAndVersionProblems(playlist: ProofPlaylist): string[] {
  const { text } = playlist;
  const problems: string[] = [];
  const types = text.values('EXT-X-PLAYLIST-TYPE');
  if (types.length > 1) problems.push('more than one EXT-X-PLAYLIST-TYPE');
  if (types.some((type) => type !== 'VOD' && type !== 'EVENT')) {
    problems.push('EXT-X-PLAYLIST-TYPE is neither VOD nor EVENT');
  }
  const versions = text.values('EXT-X-VERSION');
  if (versions.length > 1) problems.push('more than one EXT-X-VERSION');
  const version = Number.parseInt(versions[0] ?? '1', 10) || 0;
  for (const [feature, needed] of neededVersions(playlist)) {
    if (version < needed) problems.push(`${feature} needs version ${needed}, stated is ${version}`);
  }
  return problems;
}
