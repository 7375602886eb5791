import { setImmediate as nextTurn } from 'node:timers/promises';
import { resolve } from './urls.ts';

export interface ByteRange {
  offset: number;
  length: number;
}

export interface SegmentKey {
  method: string;
  url?: string;
  /** As 32 hexadecimal digits; absent where the segment's number is to be taken. */
  iv?: string;
  /** `identity` where any player can use it. */
  format: string;
}

/** An initialisation section. */
export interface InitSection {
  url: string;
  range?: ByteRange;
  /** What it is encrypted with itself. */
  key?: SegmentKey;
}

export interface Segment {
  url: string;
  durationMs: number;
  range?: ByteRange;
  /** The initialisation section it needs. */
  map?: InitSection;
  key?: SegmentKey;
  /** Its media sequence number. */
  number: number;
}

/** Values that hold from one segment on, until the next change. */
class Changes<T> {
  readonly #from: number[] = [];
  readonly #values: (T | undefined)[] = [];

  set(from: number, value: T | undefined): void {
    if (this.#values.at(-1) === value) return;
    this.#from.push(from);
    this.#values.push(value);
  }

  at(i: number): T | undefined {
    let [low, high] = [0, this.#from.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#from[middle] ?? 0) <= i) low = middle + 1;
      else high = middle;
    }
    return this.#values[low - 1];
  }
}

/** What the lines before an address say of the segment that it names. */
export interface SegmentEntry {
  /** As written, where variables had to be put in; else it is read again where it stands. */
  uri?: string;
  start: number;
  end: number;
  durationMs: number;
  range?: ByteRange;
  map?: InitSection;
  key?: SegmentKey;
  discontinuity: boolean;
  /** Marked as missing with EXT-X-GAP. */
  gap: boolean;
  /** Epoch milliseconds. */
  date?: number;
}

/** Numbers in a row, outside of the heap: to tidy one with a million of them would stop the process for long. */
class Column {
  #places = new Float64Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.#places.length) {
      const places = new Float64Array(2 * this.length);
      places.set(this.#places);
      this.#places = places;
    }
    this.#places[this.length] = value;
    this.length += 1;
  }

  at(i: number): number | undefined {
    return i < this.length ? this.#places[i] : undefined;
  }

  get values(): Float64Array {
    return this.#places.subarray(0, this.length);
  }
}

/** The middle of so many segments is the middle of them all. */
const mostForTypical = 10_000;

/** Beyond it each look at all of them is a slice of work. */
const manySegments = 10_000;

/** Between two looks at all segments: lets everything else that is due in this process happen first. */
export async function nextSlice({ length }: Pick<SegmentList, 'length'>): Promise<void> {
  if (length > manySegments) await nextTurn();
}

/** The segments of a playlist, by column: in a week there may be 300,000 of them, so that objects would be too large. */
export class SegmentList {
  readonly #body: Buffer;
  readonly #base: string;
  readonly #starts = new Column();
  readonly #ends = new Column();
  readonly #durations = new Column();
  readonly #dates = new Column();
  readonly #uris = new Map<number, string>();
  readonly #ranges = new Map<number, ByteRange>();
  readonly #maps = new Changes<InitSection>();
  readonly #keys = new Changes<SegmentKey>();
  /** After a DISCONTINUITY. */
  readonly breaks = new Set<number>();
  /** Marked as missing with EXT-X-GAP. */
  readonly gaps = new Set<number>();
  /** Of the first segment. */
  mediaSequence = 0;
  /** All that is listed, and what of it is marked as missing. Milliseconds. */
  listedMs = 0;
  missingMs = 0;

  /** `base` is the address of the playlist, `body` its bytes: addresses are read from them when they are needed. */
  constructor(body: Uint8Array, base: string) {
    this.#body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#base = base;
  }

  get length(): number {
    return this.#durations.length;
  }

  /** Milliseconds. */
  get durations(): Float64Array {
    return this.#durations.values;
  }

  /** Epoch milliseconds; NaN where there is none. */
  get dates(): Float64Array {
    return this.#dates.values;
  }

  add({ uri, start, end, durationMs, range, map, key, discontinuity, gap, date }: SegmentEntry): void {
    const i = this.length;
    this.#durations.push(durationMs);
    this.#dates.push(date ?? Number.NaN);
    this.#starts.push(start);
    this.#ends.push(end);
    if (uri !== undefined) this.#uris.set(i, uri);
    if (range) this.#ranges.set(i, range);
    this.#maps.set(i, map);
    this.#keys.set(i, key);
    if (discontinuity) this.breaks.add(i);
    if (gap) this.gaps.add(i);
    this.listedMs += durationMs;
    if (gap) this.missingMs += durationMs;
  }

  /** The address as it stands in the playlist. */
  uriOf(i: number): string {
    return this.#uris.get(i) ?? this.#body.toString('utf8', this.#starts.at(i), this.#ends.at(i));
  }

  at(i: number): Segment {
    const uri = this.uriOf(i);
    const [range, map, key] = [this.#ranges.get(i), this.#maps.at(i), this.#keys.at(i)];
    return {
      // An address that cannot be resolved is kept as it is; reading it will say so.
      url: resolve(uri, this.#base) ?? uri,
      durationMs: this.#durations.at(i) ?? 0,
      number: this.mediaSequence + i,
      ...(range && { range }),
      ...(map && { map }),
      ...(key && { key }),
    };
  }

  /** What a segment usually lasts: the middle one of those that are there, so that no single one decides. Milliseconds. */
  get typicalMs(): number {
    const { durations } = this;
    const step = Math.max(1, Math.ceil(this.length / mostForTypical));
    const lengths: number[] = [];
    for (let i = 0; i < durations.length; i += step) if (!this.gaps.has(i)) lengths.push(durations[i] ?? 0);
    lengths.sort((a, b) => a - b);
    return lengths[Math.floor((lengths.length - 1) / 2)] ?? 0;
  }
}
