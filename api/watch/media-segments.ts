import {
  type Attributes,
  absolute,
  attributesOf,
  attributeText,
  type FetchedPlaylist,
  linesOf,
  NotJoinable,
  unquoted,
  withAbsoluteUri,
} from './playlist-text.ts';

/** A segment with all that is in force for it: so it means the same in another playlist. */
export interface JoinableSegment {
  /** The EXT-X-KEY tags, one for each key format, each with its initialisation vector. */
  keys: readonly string[];
  map?: { tag: string; keys: readonly string[] };
  discontinuity: boolean;
  /** Its own tags as written: EXTINF, dates and what we do not know. */
  tags: readonly string[];
  uri: string;
  durationMs: number;
  /** From the beginning of the playlist. */
  offsetMs: number;
  /** Epoch milliseconds, where the playlist has dates. */
  startedAt?: number;
}

export interface Segments {
  version: number;
  targetSeconds: number;
  isIndependent: boolean;
  segments: JoinableSegment[];
  /** Tags behind the last segment. */
  tail: string[];
}

/** Written anew for the whole, or only for live playlists. */
const leftOut = new Set(
  [
    ...['VERSION', 'TARGETDURATION', 'MEDIA-SEQUENCE', 'DISCONTINUITY-SEQUENCE', 'PLAYLIST-TYPE', 'ENDLIST'],
    ...['INDEPENDENT-SEGMENTS', 'ALLOW-CACHE', 'START', 'SERVER-CONTROL', 'PART-INF', 'PART', 'PRELOAD-HINT'],
    ...['RENDITION-REPORT'],
  ].map((name) => `#EXT-X-${name}`),
);
const refused: Readonly<Record<string, string>> = {
  '#EXT-X-STREAM-INF': 'a recording lists variants where segments should be',
  '#EXT-X-I-FRAMES-ONLY': 'a recording has single pictures alone',
  '#EXT-X-DEFINE': 'a recording uses variables (EXT-X-DEFINE)',
  '#EXT-X-SKIP': 'a recording leaves segments out (EXT-X-SKIP)',
};

/** @throws NotJoinable */
export function segmentsOf(playlist: FetchedPlaylist): Segments {
  const reader = new Reader(playlist.url);
  for (const line of linesOf(playlist)) {
    if (line.tag === undefined) reader.uri(line.uri);
    else reader.tag(line.tag, line.value, line.text);
  }
  return reader.found();
}

/** Of a key that names none: the segment's number. https://www.rfc-editor.org/rfc/rfc8216#section-5.2 */
const impliedVector = (sequence: number): string => `0x${sequence.toString(16).padStart(32, '0')}`;
const formatOf = (key: Attributes): string => unquoted(key.get('KEYFORMAT')) ?? 'identity';

class Reader {
  readonly #base: string;
  readonly #segments: JoinableSegment[] = [];
  readonly #keys = new Map<string, Attributes>();
  #map: JoinableSegment['map'];
  #tags: string[] = [];
  #discontinuity = false;
  #sequence = 0;
  #version = 1;
  #targetSeconds = 0;
  #isIndependent = false;
  #durationMs = 0;
  #offsetMs = 0;
  #at: number | undefined;
  #range: { bytes: number; at?: number } | undefined;
  /** Where the last byte range ended, and in which file. */
  #before: { uri: string; end: number } | undefined;

  constructor(base: string) {
    this.#base = base;
  }

  tag(tag: string, value: string, text: string): void {
    const why = refused[tag];
    if (why !== undefined) throw new NotJoinable(why);
    if (tag === '#EXT-X-VERSION') this.#version = Number.parseInt(value, 10) || 1;
    else if (tag === '#EXT-X-MEDIA-SEQUENCE') this.#sequence = Number.parseInt(value, 10) || 0;
    else if (tag === '#EXT-X-TARGETDURATION') this.#longerThan(Number.parseFloat(value));
    else if (tag === '#EXT-X-INDEPENDENT-SEGMENTS') this.#isIndependent = true;
    else if (tag === '#EXT-X-DISCONTINUITY') this.#discontinuity = true;
    else if (tag === '#EXT-X-KEY') this.#key(attributesOf(value));
    else if (tag === '#EXT-X-MAP') this.#map = this.#mapOf(attributesOf(value));
    else if (tag === '#EXT-X-BYTERANGE') this.#range = rangeOf(value);
    else if (!leftOut.has(tag)) this.#tags.push(text);
    if (tag === '#EXTINF') {
      this.#longerThan(Number.parseFloat(value));
      this.#durationMs = Number.parseFloat(value) * 1000 || 0;
    } else if (tag === '#EXT-X-PROGRAM-DATE-TIME') this.#at = Date.parse(value) || undefined;
  }

  uri(written: string): void {
    const uri = absolute(written, this.#base);
    const range = this.#rangeIn(uri);
    this.#segments.push({
      keys: this.#keysNow(),
      ...(this.#map && { map: this.#map }),
      discontinuity: this.#discontinuity,
      tags: range === undefined ? this.#tags : [...this.#tags, range],
      uri,
      durationMs: this.#durationMs,
      offsetMs: this.#offsetMs,
      ...(this.#at !== undefined && { startedAt: this.#at }),
    });
    this.#offsetMs += this.#durationMs;
    if (this.#at !== undefined) this.#at += this.#durationMs;
    this.#durationMs = 0;
    this.#tags = [];
    this.#discontinuity = false;
    this.#sequence += 1;
  }

  found(): Segments {
    const tail = this.#tags.filter((tag) => tag.startsWith('#EXT-X-DATERANGE'));
    const [version, targetSeconds, isIndependent] = [this.#version, this.#targetSeconds, this.#isIndependent];
    return { version, targetSeconds, isIndependent, segments: this.#segments, tail };
  }

  /** Rounded to whole seconds, no segment is longer. */
  #longerThan(seconds: number): void {
    this.#targetSeconds = Math.max(this.#targetSeconds, Math.round(seconds) || 0);
  }

  #key(key: Attributes): void {
    if (key.get('METHOD') === 'NONE') this.#keys.clear();
    else this.#keys.set(formatOf(key), withAbsoluteUri(key, this.#base));
  }

  #keysNow(): string[] {
    return [...this.#keys].map(([format, key]) => {
      const implied = format === 'identity' && !key.has('IV');
      const whole = implied ? new Map(key).set('IV', impliedVector(this.#sequence)) : key;
      return `#EXT-X-KEY:${attributeText(whole)}`;
    });
  }

  #mapOf(map: Attributes): NonNullable<JoinableSegment['map']> {
    return { tag: `#EXT-X-MAP:${attributeText(withAbsoluteUri(map, this.#base))}`, keys: this.#keysNow() };
  }

  /** A range that says where it begins; a player finds it by the segment before, which may be another one now. */
  #rangeIn(uri: string): string | undefined {
    const range = this.#range;
    this.#range = undefined;
    if (!range) {
      this.#before = undefined;
      return undefined;
    }
    const at = range.at ?? (this.#before?.uri === uri ? this.#before.end : 0);
    this.#before = { uri, end: at + range.bytes };
    return `#EXT-X-BYTERANGE:${range.bytes}@${at}`;
  }
}

function rangeOf(value: string): { bytes: number; at?: number } {
  const [, bytes, at] = /^"?(\d+)(?:@(\d+))?"?$/.exec(value) ?? [];
  if (bytes === undefined) throw new NotJoinable('a recording has a byte range that cannot be read');
  return { bytes: Number(bytes), ...(at !== undefined && { at: Number(at) }) };
}
