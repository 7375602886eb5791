import { parse, setOptions, type types } from 'hls-parser';
import { type Scan, valuesOf } from './scan.ts';
import { resolve } from './urls.ts';

export interface ByteRange {
  offset: number;
  length: number;
}

export interface Segment {
  url: string;
  durationMs: number;
  range?: ByteRange;
  /** The initialisation section it needs. */
  map?: { url: string; range?: ByteRange };
  key?: { method: string; url?: string };
  discontinuity: boolean;
  /** Marked as missing with EXT-X-GAP. */
  gap: boolean;
  /** Epoch milliseconds; NaN when it cannot be read. */
  dateTime?: number;
}

export interface MediaPlaylist {
  kind: 'media';
  url: string;
  scan: Scan;
  segments: Segment[];
  /** As stated, in milliseconds; 0 when it is not. */
  targetMs: number;
}

export interface MultivariantPlaylist {
  kind: 'multivariant';
  url: string;
  scan: Scan;
  variants: { url: string; bandwidth: number; iFramesOnly: boolean }[];
  /** Audio and video renditions that have a playlist of their own. */
  renditions: { url: string }[];
}

export type Playlist = MediaPlaylist | MultivariantPlaylist;

/** Why a text is not a playlist that can be looked at further. */
export interface Unreadable {
  kind: 'unreadable';
  problem: string;
}

/** Reads a playlist into our words. Never throws, whatever the text. */
export function readPlaylist(text: string, found: Scan, url: string): Playlist | Unreadable {
  try {
    // The parser's options belong to the whole process: somebody else may have changed them.
    setOptions({ silent: true, strictMode: false });
    const parsed = parse(withoutTitles(text));
    return parsed.isMasterPlaylist
      ? multivariant(parsed as types.MasterPlaylist, url, found)
      : media(parsed as types.MediaPlaylist, url, found);
  } catch (error) {
    return {
      kind: 'unreadable',
      problem: `cannot be parsed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** Titles are for people; the parser throws on those outside Latin-1. */
const withoutTitles = (text: string): string => text.replace(/^([ \t]*#EXTINF:[^,\r\n]*),[^\r\n]*/gm, '$1,');

function multivariant(parsed: types.MasterPlaylist, url: string, found: Scan): MultivariantPlaylist {
  const variants = parsed.variants.map((variant) => ({
    url: absolute(variant.uri, url),
    bandwidth: variant.bandwidth ?? 0,
    iFramesOnly: variant.isIFrameOnly === true,
  }));
  const renditions = parsed.variants
    .flatMap((variant) => [...variant.audio, ...variant.video])
    .flatMap((rendition) => (rendition.uri ? [absolute(rendition.uri, url)] : []));
  return {
    kind: 'multivariant',
    url,
    scan: found,
    variants,
    renditions: [...new Set(renditions)].map((rendition) => ({ url: rendition })),
  };
}

function media(parsed: types.MediaPlaylist, url: string, found: Scan): MediaPlaylist {
  // Tags after the last segment make the parser add one without an address; the scan knows whether one is missing.
  const listed = parsed.segments.filter((segment) => segment.uri !== '');
  return {
    kind: 'media',
    url,
    scan: found,
    segments: listed.map((segment) => ({
      url: absolute(segment.uri, url),
      durationMs: (segment.duration ?? 0) * 1000,
      ...(segment.byterange && { range: segment.byterange }),
      ...(segment.map && { map: mapOf(segment.map, url) }),
      ...keyOf(segment.key, url),
      discontinuity: segment.discontinuity === true,
      gap: segment.gap === true,
      ...(segment.programDateTime && { dateTime: segment.programDateTime.getTime() }),
    })),
    targetMs: Number.parseFloat(valuesOf(found, 'EXT-X-TARGETDURATION')[0] ?? '') * 1000 || 0,
  };
}

const mapOf = (map: types.MediaInitializationSection, base: string): NonNullable<Segment['map']> => ({
  url: absolute(map.uri, base),
  // Without an offset a MAP's range begins at 0 (RFC 8216, 4.3.2.5); the parser says -1.
  ...(map.byterange && { range: { length: map.byterange.length, offset: Math.max(0, map.byterange.offset) } }),
});

function keyOf(key: types.Key | undefined | null, base: string): { key?: Segment['key'] } {
  if (!key || key.method === 'NONE') return {};
  return { key: { method: key.method, ...(key.uri !== undefined && { url: absolute(key.uri, base) }) } };
}

/** An address that cannot be resolved is kept as it is; reading it will say so. */
const absolute = (uri: unknown, base: string): string =>
  typeof uri === 'string' && uri !== '' ? (resolve(uri, base) ?? uri) : '';

export const totalMs = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { durationMs }) => sum + durationMs, 0);

/** What a segment usually lasts: the middle one of those that are there, so that no single one decides. Milliseconds. */
export function typicalMs(segments: readonly Segment[]): number {
  const lengths = Float64Array.from(
    segments.filter(({ gap }) => !gap),
    ({ durationMs }) => durationMs,
  ).sort();
  return lengths[Math.floor((lengths.length - 1) / 2)] ?? 0;
}
