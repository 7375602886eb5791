/** AMF0, the value format of RTMP commands and metadata. Dates are read as epoch milliseconds, `undefined` as null. */
export type AmfValue = number | boolean | string | null | AmfValue[] | { [key: string]: AmfValue };

const marker = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
} as const;

/** Deeper nesting than any encoder sends; a hostile one must not exhaust the stack. */
const maxDepth = 32;
const maxShortString = 0xffff;

/** Every value in `bytes`; throws on anything that is not AMF0. */
export function decodeAmf(bytes: Buffer): AmfValue[] {
  const reader = new AmfReader(bytes);
  const values: AmfValue[] = [];
  while (!reader.atEnd) values.push(reader.value(0));
  return values;
}

class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth: number): AmfValue {
    if (depth > maxDepth) throw new Error(`AMF0 nested deeper than ${maxDepth}`);
    const type = this.#uint(1);
    switch (type) {
      case marker.number:
        return this.#double();
      case marker.boolean:
        return this.#uint(1) !== 0;
      case marker.string:
        return this.#string(this.#uint(2));
      case marker.object:
        return this.#object(depth);
      case marker.null:
      case marker.undefined:
        return null;
      case marker.ecmaArray:
        this.#uint(4);
        return this.#object(depth);
      case marker.strictArray:
        return this.#array(depth);
      case marker.date:
        return this.#date();
      case marker.longString:
        return this.#string(this.#uint(4));
      default:
        throw new Error(`AMF0 type ${type} is not known`);
    }
  }

  #object(depth: number): AmfValue {
    const entries: [string, AmfValue][] = [];
    for (;;) {
      const key = this.#string(this.#uint(2));
      if (key === '' && this.#bytes[this.#at] === marker.objectEnd) {
        this.#at += 1;
        return Object.fromEntries(entries);
      }
      entries.push([key, this.value(depth + 1)]);
    }
  }

  #array(depth: number): AmfValue[] {
    const items: AmfValue[] = [];
    for (let left = this.#uint(4); left > 0; left -= 1) items.push(this.value(depth + 1));
    return items;
  }

  #date(): number {
    const ms = this.#double();
    this.#uint(2);
    return ms;
  }

  #string(length: number): string {
    return this.#take(length).toString('utf8');
  }

  #double(): number {
    return this.#take(8).readDoubleBE(0);
  }

  #uint(size: number): number {
    return this.#take(size).readUIntBE(0, size);
  }

  #take(size: number): Buffer {
    const from = this.#at;
    if (from + size > this.#bytes.length) throw new Error('AMF0 ends in the middle of a value');
    this.#at += size;
    return this.#bytes.subarray(from, this.#at);
  }
}

/** The values one after another; objects as objects, arrays as strict arrays. */
export const encodeAmf = (...values: AmfValue[]): Buffer => Buffer.concat(values.flatMap(encodeValue));

function encodeValue(value: AmfValue): Buffer[] {
  if (value === null) return [Buffer.of(marker.null)];
  if (typeof value === 'number') return [Buffer.of(marker.number), double(value)];
  if (typeof value === 'boolean') return [Buffer.of(marker.boolean, value ? 1 : 0)];
  if (typeof value === 'string') return encodeString(value);
  if (Array.isArray(value)) {
    return [Buffer.of(marker.strictArray), uint(value.length, 4), ...value.flatMap(encodeValue)];
  }
  const members = Object.entries(value).flatMap(([key, member]) => [...shortString(key), ...encodeValue(member)]);
  return [Buffer.of(marker.object), ...members, Buffer.of(0, 0, marker.objectEnd)];
}

function encodeString(value: string): Buffer[] {
  const text = Buffer.from(value);
  return text.length > maxShortString
    ? [Buffer.of(marker.longString), uint(text.length, 4), text]
    : [Buffer.of(marker.string), uint(text.length, 2), text];
}

function shortString(value: string): Buffer[] {
  const text = Buffer.from(value);
  if (text.length > maxShortString)
    throw new Error(`an AMF0 key of ${text.length} bytes is longer than the format allows`);
  return [uint(text.length, 2), text];
}

function uint(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value, 0);
  return bytes;
}
