import { createDecipheriv } from 'node:crypto';
import type { Reader } from '../reader.ts';
import type { ByteRange, SegmentKey } from '../segments.ts';

const blockBytes = 16;

/** What is to be read: a segment, or an initialisation section. */
export interface SegmentSource {
  url: string;
  range?: ByteRange;
  /** Encrypted as a whole (AES-128). */
  encryption?: { key: SegmentKey; bytes: Uint8Array; number: number };
}

/** It cannot be read; `message` is why, in words that follow its address. */
export class UnreadableSegment extends Error {}

/** Reads pieces of a segment, decrypted, and only these: segments may be large. */
export class SegmentFile {
  readonly #reader: Reader;
  readonly #source: SegmentSource;
  #size: number | undefined;
  /** Bytes of padding behind what was encrypted; known when the end was read. */
  #padding = 0;

  constructor(reader: Reader, source: SegmentSource) {
    this.#reader = reader;
    this.#source = source;
    this.#size = source.range?.length;
  }

  /** Whether the server gives parts of a file; where it does not, its end costs all of it. */
  givesParts = true;

  /** Of the file that the segment is, or is a part of. */
  fileBytes: number | undefined;

  /** Of the whole segment as it is stored; known after the first read unless the server does not say. */
  get storedBytes(): number | undefined {
    return this.#size;
  }

  /** Of the whole segment as it is played, without padding. */
  get size(): number | undefined {
    return this.#size === undefined ? undefined : this.#size - this.#padding;
  }

  /** Up to `length` bytes from `start` on; fewer where the segment ends. */
  async read(start: number, length: number): Promise<Uint8Array> {
    const { encryption } = this.#source;
    if (!encryption) return this.#stored(start, length);
    const from = start - (start % blockBytes);
    const to = Math.ceil((start + length) / blockBytes) * blockBytes;
    // The block before decides how the first one is decrypted.
    const before = from === 0 ? 0 : blockBytes;
    const stored = await this.#stored(from - before, to - from + before);
    const iv = before > 0 ? stored.subarray(0, blockBytes) : firstIv(encryption);
    const isEnd = this.#size !== undefined && from - before + stored.length >= this.#size;
    return this.#decrypt(stored.subarray(before), iv, isEnd).subarray(start - from, start - from + length);
  }

  #decrypt(stored: Uint8Array, iv: Uint8Array, isEnd: boolean): Uint8Array {
    if (stored.length % blockBytes !== 0) throw new UnreadableSegment('has no whole number of encrypted blocks');
    const decipher = createDecipheriv('aes-128-cbc', this.#source.encryption?.bytes ?? iv, iv).setAutoPadding(false);
    const plain = decipher.update(stored);
    if (!isEnd) return plain;
    const padding = plain.at(-1) ?? 0;
    const isPadded = padding > 0 && padding <= blockBytes && plain.subarray(-padding).every((byte) => byte === padding);
    if (!isPadded) throw new UnreadableSegment('cannot be decrypted with its key');
    this.#padding = padding;
    return plain.subarray(0, plain.length - padding);
  }

  async #stored(start: number, length: number): Promise<Uint8Array> {
    const { url, range } = this.#source;
    const offset = (range?.offset ?? 0) + start;
    const most = Math.min(length, (this.#size ?? Number.POSITIVE_INFINITY) - start);
    if (most <= 0) return new Uint8Array();
    const answer = await this.#reader.read(url, { start: offset, end: offset + most - 1 });
    if (!answer.ok) throw new UnreadableSegment(answer.why);
    const { status, body, totalBytes } = answer.file;
    this.fileBytes = totalBytes ?? this.fileBytes;
    if (!range && totalBytes !== undefined) this.#size = totalBytes;
    if (status === 200) this.givesParts = false;
    // A server may ignore the range and give the file from its beginning.
    const skipped = status === 200 ? offset : 0;
    if (skipped > 0 && body.length <= skipped) throw new UnreadableSegment('cannot be read in parts');
    return body.subarray(skipped, skipped + most);
  }
}

/** Without an IV of its own, a segment's number is its IV (RFC 8216, 5.2). */
function firstIv({ key, number }: NonNullable<SegmentSource['encryption']>): Uint8Array {
  if (key.iv !== undefined) return Buffer.from(key.iv, 'hex');
  const iv = Buffer.alloc(blockBytes);
  iv.writeBigUInt64BE(BigInt(number), blockBytes / 2);
  return iv;
}
