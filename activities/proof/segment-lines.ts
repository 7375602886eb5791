import { attributesOf, type Variables } from './attributes.ts';
import type { CheckName } from './checks.ts';
import type { TextLine } from './lines.ts';
import { isAddress, type Tag } from './playlist-text.ts';
import { SeenTexts } from './seen-texts.ts';
import { type ByteRange, type InitSection, type SegmentKey, SegmentList } from './segments.ts';
import { originOf, resolve } from './urls.ts';

export type Report = (check: CheckName, problem: string) => void;

/** A number as EXTINF may hold it, some with a bare fraction. */
const decimal = /^(\d+(\.\d*)?|\.\d+)$/;

/** Reads the lines of a list of segments. What is wrong with a line is reported at once, without its text. */
export class SegmentLines {
  readonly list: SegmentList;
  readonly #base: string;
  readonly #variables: Variables;
  readonly #report: Report;
  readonly #seen = new SeenTexts();
  readonly #keys = new Map<string, SegmentKey>();
  /** Where the last byte range of each file ended. */
  readonly rangeEnds = new Map<string, number>();
  /** Where the addresses lead that are not relative, each with one address. */
  readonly origins = new Map<string, string>();
  /** Digits behind the point of the most exact EXTINF, as far as they say something. */
  decimals = 0;
  /** Addresses that no EXTINF announces. */
  strayAddresses = 0;
  #map: InitSection | undefined;
  #mapText = '';
  #keyText = '';
  #durationMs: number | undefined;
  #range: string | undefined;
  #date: number | undefined;
  #discontinuity = false;
  #gap = false;
  #isVariant = false;

  constructor(body: Uint8Array, base: string, variables: Variables, report: Report) {
    this.list = new SegmentList(body, base);
    this.#base = base;
    this.#variables = variables;
    this.#report = report;
  }

  /** What each tag says of the segments after it. */
  readonly #tags: Readonly<Record<string, (value: string) => void>> = {
    EXTINF: (value) => this.#duration(value.split(',', 1)[0]?.trim() ?? ''),
    'EXT-X-BYTERANGE': (value) => {
      this.#range = value;
    },
    'EXT-X-DISCONTINUITY': () => {
      this.#discontinuity = true;
    },
    'EXT-X-GAP': () => {
      this.#gap = true;
    },
    'EXT-X-PROGRAM-DATE-TIME': (value) => this.#dateTime(value),
    'EXT-X-KEY': (value) => this.#key(value),
    'EXT-X-MAP': (value) => this.#section(value),
    'EXT-X-MEDIA-SEQUENCE': (value) => {
      this.list.mediaSequence = Number.parseInt(value, 10) || 0;
    },
    'EXT-X-STREAM-INF': () => {
      this.#isVariant = true;
    },
  };

  take(line: TextLine, tag: Tag | undefined): void {
    if (tag) this.#tags[tag.name]?.(tag.value);
    else if (isAddress(line)) this.#address(line);
  }

  /** After the last line. */
  end(): void {
    if (this.#durationMs !== undefined) this.#dangling();
    const { size: undefinedOnes } = this.#variables.missing;
    if (undefinedOnes > 0) this.#report('segment-list', `${undefinedOnes} variables that nothing defines`);
    if (this.strayAddresses > 0) this.#report('segment-list', `${this.strayAddresses} addresses without EXTINF`);
  }

  #duration(raw: string): void {
    if (this.#durationMs !== undefined) this.#dangling();
    const isNumber = decimal.test(raw);
    if (!isNumber) this.#report('segment-list', `EXTINF of segment ${this.list.length} is not a duration`);
    this.decimals = Math.max(this.decimals, /\.(\d*[1-9])/.exec(raw)?.[1]?.length ?? 0);
    // Microseconds are exact enough, and do not add up to strange fractions.
    this.#durationMs = isNumber ? Math.round(Number(raw) * 1_000_000) / 1000 : 0;
  }

  #dangling(): void {
    this.#report('segment-list', 'an EXTINF without an address: cut off?');
    this.#durationMs = undefined;
  }

  #dateTime(raw: string): void {
    const date = Date.parse(raw);
    if (!Number.isNaN(date)) this.#date = date;
    else this.#report('timeline', `segment ${this.list.length} has an EXT-X-PROGRAM-DATE-TIME that is no date`);
  }

  #key(list: string): void {
    // Some packagers say the same before every segment.
    if (list === this.#keyText) return;
    this.#keyText = list;
    const attributes = attributesOf(this.#variables.resolve(list));
    const method = attributes.get('METHOD') ?? '';
    if (method === 'NONE') {
      this.#keys.clear();
      return;
    }
    const [uri, iv] = [attributes.get('URI'), /^0x([0-9a-f]{1,32})$/i.exec(attributes.get('IV') ?? '')?.[1]];
    const format = attributes.get('KEYFORMAT') ?? 'identity';
    this.#keys.set(format, {
      method,
      format,
      ...(uri !== undefined && { url: this.#absolute(uri) }),
      ...(iv !== undefined && { iv: iv.padStart(32, '0') }),
    });
  }

  /** Keys of several systems may open the same segment; the one that every player can use says most. */
  get #currentKey(): SegmentKey | undefined {
    return this.#keys.get('identity') ?? this.#keys.values().next().value;
  }

  #section(list: string): void {
    if (list === this.#mapText) return;
    this.#mapText = list;
    const attributes = attributesOf(this.#variables.resolve(list));
    // Without an offset a MAP's range begins at 0 (RFC 8216, 4.3.2.5).
    const range = rangeOf(attributes.get('BYTERANGE'), 0);
    const uri = attributes.get('URI') ?? '';
    this.#note(uri);
    const key = this.#currentKey;
    this.#map = { url: this.#absolute(uri), ...(range && { range }), ...(key && { key }) };
  }

  #address({ text, start, end }: TextLine): void {
    const uri = this.#variables.resolve(text);
    const [durationMs, isVariant] = [this.#durationMs, this.#isVariant];
    this.#isVariant = false;
    if (durationMs === undefined) {
      if (!isVariant) this.strayAddresses += 1;
      return;
    }
    const range = this.#range === undefined ? undefined : this.#byteRange(uri, this.#range);
    if (!this.#gap) this.#noteRepeat(uri, range);
    this.#note(uri);
    this.list.add({
      ...(uri !== text && { uri }),
      start,
      end,
      durationMs,
      ...(range && { range }),
      ...(this.#map && { map: this.#map }),
      ...(this.#currentKey && { key: this.#currentKey }),
      discontinuity: this.#discontinuity,
      gap: this.#gap,
      ...(this.#date !== undefined && { date: this.#date }),
    });
    this.#durationMs = undefined;
    this.#range = undefined;
    this.#date = undefined;
    this.#discontinuity = false;
    this.#gap = false;
  }

  /** Bytes that no segment plays are a sign of a lost line. */
  #byteRange(uri: string, raw: string): ByteRange | undefined {
    const i = this.list.length;
    const previous = this.rangeEnds.get(uri);
    const range = rangeOf(raw, previous);
    if (!range) {
      this.#report('segment-list', `the byte range of segment ${i} cannot be`);
      return undefined;
    }
    if (previous !== undefined && range.offset !== previous) {
      this.#report(
        'segment-list',
        `the byte range of segment ${i} begins at ${range.offset}, the one before ended at ${previous}`,
      );
    }
    this.rangeEnds.set(uri, range.offset + range.length);
    return range;
  }

  #noteRepeat(uri: string, range: ByteRange | undefined): void {
    const part = range ? `${uri} ${range.offset}+${range.length}` : uri;
    if (!this.#seen.add(part)) this.#report('segment-list', `segment ${this.list.length} is listed twice`);
  }

  #note(uri: string): void {
    const origin = originOf(uri);
    if (origin !== undefined && !this.origins.has(origin)) this.origins.set(origin, this.#absolute(uri));
  }

  #absolute = (uri: string): string => (uri === '' ? '' : (resolve(uri, this.#base) ?? uri));
}

/** `length[@offset]`; without an offset it follows the one before. */
function rangeOf(raw: string | undefined, previousEnd: number | undefined): ByteRange | undefined {
  const [, length, offset = previousEnd] = /^(\d+)(?:@(\d+))?$/.exec(raw ?? '') ?? [];
  if (length === undefined || offset === undefined || Number(length) === 0) return undefined;
  return { length: Number(length), offset: Number(offset) };
}
