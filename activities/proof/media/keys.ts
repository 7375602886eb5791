import { inParallel } from '../../../domain/in-parallel.ts';
import type { CheckFindings } from '../checks.ts';
import type { Reader } from '../reader.ts';
import type { SegmentKey } from '../segments.ts';
import { shown } from '../urls.ts';

/** AES-128 identity keys are 16 bytes (RFC 8216, 4.3.2.4). */
const keyBytes = 16;

/** The keys of a recording as far as a player without an account gets them. Kept for as long as the proof lasts. */
export class Keys {
  readonly #bytes = new Map<string, Uint8Array>();

  /** Undefined where the key is given only to those who may see it, or is no key. */
  bytesOf(key: SegmentKey): Uint8Array | undefined {
    return this.#bytes.get(idOf(key));
  }

  /** Fetches the keys that are not known yet; reports to `found` what is wrong with a key, or why it is not looked at. */
  async learn(keys: readonly SegmentKey[], reader: Reader, found: CheckFindings, parallel: number): Promise<void> {
    const wanted = new Map(keys.map((key) => [idOf(key), key]));
    await inParallel([...wanted.values()], parallel, (key) => this.#fetch(key, reader, found));
  }

  async #fetch(key: SegmentKey, reader: Reader, found: CheckFindings): Promise<void> {
    const { method, url } = key;
    if (url === undefined || url === '') return found.problem('uris', `a ${wordOf(method)} key has no address`);
    if (!isPlain(key) || !/^(https?|s3):/.test(url)) {
      return found.note('uris', `${wordOf(method)} keys of another system were not asked for`);
    }
    // One byte more than a key has: whatever is behind it is not read.
    const answer = await reader.read(url, { start: 0, end: keyBytes });
    if (!answer.ok && /answered 40[13]/.test(answer.why)) {
      return found.note('uris', `the key ${shown(url)} is given only to those who may see it (${answer.why})`);
    }
    if (!answer.ok) return found.problem('uris', `the key ${shown(url)} ${answer.why}`);
    const { body } = answer.file;
    if (body.length === keyBytes) this.#bytes.set(idOf(key), body);
    else found.problem('uris', `the key ${shown(url)} has ${sizeOf(body)} bytes; a key has ${keyBytes}`);
  }
}

const sizeOf = ({ length }: Uint8Array): string => (length > keyBytes ? `more than ${keyBytes}` : String(length));

const idOf = ({ method, url }: SegmentKey): string => `${method} ${url}`;

/** Encrypted as a whole, with a key that any player can use. */
export const isPlain = ({ method, format }: SegmentKey): boolean => method === 'AES-128' && format === 'identity';

/** Methods that are known are named; what else a server writes is not. */
const wordOf = (method: string): string => (/^(AES-128|SAMPLE-AES(-CTR|-CENC)?)$/.test(method) ? method : 'encryption');
