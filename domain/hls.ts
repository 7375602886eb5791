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
  /** Behind an initialisation section: not MPEG-TS. */
  hasMap: boolean;
}

export interface VariantList {
  kind: 'multivariant';
  /** As written, in the order of the list. */
  uris: readonly string[];
}

/** Undefined for what is no playlist. Never throws. */
export function readPlaylist(body: string | Uint8Array): MediaPlaylist | VariantList | undefined {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '#EXTM3U') return undefined;
  const uris = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.some((line) => line.startsWith('#EXT-X-STREAM-INF'))) return { kind: 'multivariant', uris };
  let [targetMs, first, durationMs, newestMs] = [0, 0, 0, 0];
  let [from, at] = [undefined as number | undefined, undefined as number | undefined];
  for (const line of lines) {
    const value = line.slice(line.indexOf(':') + 1);
    if (line.startsWith('#EXT-X-TARGETDURATION:')) targetMs = Number.parseFloat(value) * 1000 || 0;
    else if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) first = Number.parseInt(value, 10) || 0;
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
    hasMap: lines.some((line) => line.startsWith('#EXT-X-MAP')),
  };
}
