/**
 * A playlist as a player reads it (RFC 8216): what a live look and the drivers need. The proof reads for itself,
 * in slices and with judgement (activities/proof/, ADR 0020).
 */
export interface MediaPlaylist {
  kind: 'media';
  targetMs: number;
  /** Media sequence number of the newest segment; -1 without any. */
  newest: number;
  /** Addresses of its segments as written, oldest first. */
  uris: readonly string[];
  /** The sum of its segments. */
  durationMs: number;
  newestMs: number;
  /** Wall clock at the beginning of the first segment and at the end of the newest, where the playlist has dates. */
  from?: number;
  until?: number;
  ended: boolean;
  /** The newest segment's initialisation section, as written: it is not MPEG-TS. */
  map?: string;
  /** The newest segment is a file of its own, and not encrypted. */
  isPlain: boolean;
}

export interface VariantList {
  kind: 'multivariant';
  /** As written, in the order of the list. */
  uris: readonly string[];
  /** The sound has playlists of its own: a variant may have none. */
  hasSoundApart: boolean;
}

/** Undefined for what is no playlist. Never throws. */
export function readPlaylist(body: string | Uint8Array): MediaPlaylist | VariantList | undefined {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '#EXTM3U') return undefined;
  const uris = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.some((line) => line.startsWith('#EXT-X-STREAM-INF'))) {
    const hasSoundApart = lines.some((line) => /^#EXT-X-MEDIA:.*TYPE=AUDIO/.test(line) && line.includes('URI="'));
    return { kind: 'multivariant', uris, hasSoundApart };
  }
  let [targetMs, first, durationMs, newestMs] = [0, 0, 0, 0];
  let [from, at] = [undefined as number | undefined, undefined as number | undefined];
  let map: string | undefined;
  let [isEncrypted, hasRange, hasMapRange] = [false, false, false];
  for (const line of lines) {
    const value = line.slice(line.indexOf(':') + 1);
    if (line.startsWith('#EXT-X-TARGETDURATION:')) targetMs = Number.parseFloat(value) * 1000 || 0;
    else if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) first = Number.parseInt(value, 10) || 0;
    else if (line.startsWith('#EXT-X-MAP:')) {
      map = /URI="([^"]*)"/.exec(value)?.[1];
      hasMapRange = value.includes('BYTERANGE=');
    } else if (line.startsWith('#EXT-X-BYTERANGE:')) hasRange = true;
    else if (line.startsWith('#EXT-X-KEY:')) isEncrypted = !/METHOD=NONE\b/.test(value);
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) {
      const date = Date.parse(value);
      if (Number.isNaN(date)) continue;
      from ??= date - durationMs;
      at = date;
    } else if (line.startsWith('#EXTINF:')) {
      newestMs = Number.parseFloat(value) * 1000 || 0;
      durationMs += newestMs;
      if (at !== undefined) at += newestMs;
    }
  }
  return {
    kind: 'media',
    // A segment may be a little longer than what the list claims.
    targetMs: Math.max(1_000, targetMs, newestMs),
    newest: first + uris.length - 1,
    uris,
    durationMs,
    newestMs,
    ...(from !== undefined && at !== undefined && { from, until: at }),
    ended: lines.some((line) => line.startsWith('#EXT-X-ENDLIST')),
    ...(map !== undefined && { map }),
    isPlain: !(isEncrypted || hasRange || hasMapRange),
  };
}
