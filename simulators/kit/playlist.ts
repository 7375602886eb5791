export interface PlaylistSegment {
  /** As it shall stand in the playlist. */
  uri: string;
  durationMs: number;
  /** Epoch milliseconds of its first frame. */
  startedAt: number;
  /** The encoder came back before this segment. */
  discontinuity: boolean;
}

export interface WrittenPlaylist {
  segments: readonly PlaylistSegment[];
  /** `LIVE` has no EXT-X-PLAYLIST-TYPE, so segments may leave it. */
  type: 'VOD' | 'EVENT' | 'LIVE';
  /** Nothing will be added: writes EXT-X-ENDLIST. */
  ended: boolean;
  /** Write the wall clock of each segment. Default false. */
  programDateTime?: boolean;
  /** How many segments, and discontinuities, have left the playlist. Default 0. */
  mediaSequence?: number;
  discontinuitySequence?: number;
  /** At least this target duration, so that it never changes while a playlist grows. */
  targetDurationMs?: number;
}

const lines = (...parts: (string | false)[]): string => `${parts.filter((part) => part !== false).join('\n')}\n`;

/** https://www.rfc-editor.org/rfc/rfc8216#section-4.3.3 */
export function mediaPlaylist(playlist: WrittenPlaylist): string {
  const { segments, type, ended, mediaSequence = 0, discontinuitySequence = 0 } = playlist;
  const longest = Math.max(1000, playlist.targetDurationMs ?? 0, ...segments.map((segment) => segment.durationMs));
  return lines(
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    type !== 'LIVE' && `#EXT-X-PLAYLIST-TYPE:${type}`,
    `#EXT-X-TARGETDURATION:${Math.ceil(longest / 1000)}`,
    `#EXT-X-MEDIA-SEQUENCE:${mediaSequence}`,
    discontinuitySequence > 0 && `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`,
    ...segments.flatMap((segment, index) => [
      // Before the very first segment there is nothing it could be discontinuous with.
      segment.discontinuity && (index > 0 || mediaSequence > 0) && '#EXT-X-DISCONTINUITY',
      playlist.programDateTime === true && `#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startedAt).toISOString()}`,
      `#EXTINF:${(segment.durationMs / 1000).toFixed(3)},`,
      segment.uri,
    ]),
    ended && '#EXT-X-ENDLIST',
  );
}

export interface Variant {
  uri: string;
  bitsPerSecond: number;
  width?: number;
  height?: number;
  frameRate?: number;
  /** RFC 6381, e.g. `avc1.64001e,mp4a.40.2`. */
  codecs?: string;
  /** Further attributes, written as given. */
  attributes?: Record<string, string>;
}

/** https://www.rfc-editor.org/rfc/rfc8216#section-4.3.4 */
export function multivariantPlaylist({ variants }: { variants: readonly Variant[] }): string {
  return lines('#EXTM3U', '#EXT-X-VERSION:3', ...variants.flatMap((one) => [streamInf(one), one.uri]));
}

function streamInf(variant: Variant): string {
  const attributes: Record<string, string> = { BANDWIDTH: String(Math.max(1, Math.round(variant.bitsPerSecond))) };
  if (variant.codecs) attributes.CODECS = `"${variant.codecs}"`;
  if (variant.width && variant.height) attributes.RESOLUTION = `${variant.width}x${variant.height}`;
  if (variant.frameRate) attributes['FRAME-RATE'] = variant.frameRate.toFixed(3);
  const all = Object.entries({ ...attributes, ...variant.attributes });
  return `#EXT-X-STREAM-INF:${all.map(([name, value]) => `${name}=${value}`).join(',')}`;
}
