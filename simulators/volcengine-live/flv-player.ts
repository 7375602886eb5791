import { get } from 'node:http';
import { type MediaTag, tagTypeOf } from '../kit/flv.ts';
import { messageOf } from '../kit/message-of.ts';
import type { PulledSource, SourceListener } from './source.ts';

const fileHeaderBytes = 9;
const previousSizeBytes = 4;
const tagHeaderBytes = 11;
/** A source that sends nothing for this long is given up. */
const idleMs = 10_000;
const maxTagBytes = 8 * 1024 * 1024;

/** Plays HTTP-FLV: an FLV file without an end. */
export function playHttpFlv(url: string, listener: SourceListener): PulledSource {
  let ended = false;
  const end = (reason: string) => {
    request.destroy();
    if (ended) return;
    ended = true;
    listener.end(reason);
  };
  const parser = new FlvParser((tag) => listener.tag(tag));
  // Not `fetch`: its body is not reliably aborted once it streams.
  const request = get(url, { timeout: idleMs }, (response) => {
    if (response.statusCode !== 200) return end(`the source answered ${response.statusCode}`);
    response.on('data', (bytes: Buffer) => {
      if (ended) return;
      try {
        parser.push(bytes);
      } catch (error) {
        end(messageOf(error));
      }
    });
    response.once('close', () => end('the source closed'));
  });
  request.once('timeout', () => end('the source is silent'));
  request.on('error', (error) => end(error.message));
  return { close: () => end('closed') };
}

/** Takes an FLV file in pieces of any size. */
class FlvParser {
  readonly #onTag: (tag: MediaTag) => void;
  #bytes: Buffer = Buffer.alloc(0);
  #begun = false;

  constructor(onTag: (tag: MediaTag) => void) {
    this.#onTag = onTag;
  }

  push(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (!this.#begun) this.#skipHeader();
    if (!this.#begun) return;
    for (let size = this.#nextTagSize(); size !== undefined; size = this.#nextTagSize()) this.#take(size);
  }

  #skipHeader(): void {
    if (this.#bytes.length < fileHeaderBytes + previousSizeBytes) return;
    if (this.#bytes.toString('latin1', 0, 3) !== 'FLV') throw new Error('the source does not send FLV');
    this.#bytes = this.#bytes.subarray(this.#bytes.readUInt32BE(5) + previousSizeBytes);
    this.#begun = true;
  }

  /** Undefined while the next tag is still to come. */
  #nextTagSize(): number | undefined {
    if (this.#bytes.length < tagHeaderBytes) return undefined;
    const size = this.#bytes.readUIntBE(1, 3);
    if (size > maxTagBytes) throw new Error(`a tag of ${size} bytes is larger than ${maxTagBytes}`);
    return this.#bytes.length < tagHeaderBytes + size + previousSizeBytes ? undefined : size;
  }

  #take(size: number): void {
    const type = tagTypeOf(this.#bytes.readUInt8(0) & 31);
    const timestamp = this.#bytes.readUIntBE(4, 3) + this.#bytes.readUInt8(7) * 0x1000000;
    const data = this.#bytes.subarray(tagHeaderBytes, tagHeaderBytes + size);
    if (type) this.#onTag({ type, timestamp, data });
    this.#bytes = this.#bytes.subarray(tagHeaderBytes + size + previousSizeBytes);
  }
}
