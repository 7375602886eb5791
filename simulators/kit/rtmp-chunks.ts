/** One RTMP message. https://rtmp.veriskope.com/docs/spec/#54-rtmp-message-formats */
export interface RtmpMessage {
  type: number;
  streamId: number;
  /** Milliseconds, 32 bits. */
  timestamp: number;
  data: Buffer;
}

export const messageTypes = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  data: 18,
  aggregate: 22,
  amf3Command: 17,
  command: 20,
} as const;

const initialChunkSize = 128;
const extendedTimestamp = 0xffffff;
const headerBytes = [11, 7, 3, 0] as const;

/** A sender beyond these is broken or hostile: nothing a live encoder sends comes near. */
interface MessageLimits {
  messageBytes: number;
  /** In all unfinished messages. */
  waitingBytes: number;
}

const trusted: MessageLimits = { messageBytes: 8 * 1024 * 1024, waitingBytes: 16 * 1024 * 1024 };
/** Until it is known who sends, nothing larger than a few words has to be taken. */
const untrusted: MessageLimits = { messageBytes: 64 * 1024, waitingBytes: 128 * 1024 };
const maxChunkStreams = 64;

interface ChunkStream {
  timestamp: number;
  delta: number;
  length: number;
  type: number;
  streamId: number;
  /** The long timestamp as it was sent; undefined when the short one did. */
  extended: number | undefined;
  body: Buffer;
  received: number;
}

interface Chunk {
  stream: ChunkStream;
  /** Of its body, still to come. */
  left: number;
}

/** Puts messages together again from the chunks they came in. Throws on what cannot be RTMP. */
export class ChunkReader {
  readonly #streams = new Map<number, ChunkStream>();
  #limits = trusted;
  /** What came and is not taken yet; all of it when `next` is not asked. */
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #chunk: Chunk | undefined;
  #chunkSize = initialChunkSize;
  #waitingBytes = 0;

  /** Bounds what a sender can make us keep, until `trust`. */
  static wary(): ChunkReader {
    const reader = new ChunkReader();
    reader.#limits = untrusted;
    return reader;
  }

  trust(): void {
    this.#limits = trusted;
  }

  /** The messages that `bytes` completes, in order. Chunk sizes and aborts are dealt with here. */
  push(bytes: Buffer): RtmpMessage[] {
    this.append(bytes);
    const messages: RtmpMessage[] = [];
    for (let message = this.next(); message; message = this.next()) messages.push(message);
    return messages;
  }

  append(bytes: Buffer): void {
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    this.#at = 0;
  }

  /** The next whole message of what was appended. */
  next(): RtmpMessage | undefined {
    for (;;) {
      this.#chunk ??= this.#header();
      const chunk = this.#chunk;
      if (!chunk) return undefined;
      this.#takeBody(chunk);
      if (chunk.left > 0) return undefined;
      this.#chunk = undefined;
      const message = chunk.stream.received === chunk.stream.length ? this.#complete(chunk.stream) : undefined;
      if (message) return message;
    }
  }

  /** The next chunk, once all of its header is there. */
  #header(): Chunk | undefined {
    const bytes = this.#bytes.subarray(this.#at);
    const basic = basicHeader(bytes);
    if (!basic) return undefined;
    const { format, id, size } = basic;
    const fixed = size + (headerBytes[format] ?? 0);
    if (bytes.length < fixed) return undefined;
    const stream = this.#stream(id, format);
    const time = format < 3 ? bytes.readUIntBE(size, 3) : 0;
    const mayExtend = format < 3 ? time === extendedTimestamp : stream.extended !== undefined;
    if (mayExtend && bytes.length < fixed + 4) return undefined;
    const long = mayExtend ? bytes.readUInt32BE(fixed) : undefined;
    // Some senders repeat the long timestamp in front of every part, some do not: only the same number is one.
    const extended = format < 3 || long === stream.extended ? long : undefined;
    if (format < 3) stream.extended = extended;
    if (format < 2) this.#setShape(stream, bytes.readUIntBE(size + 3, 3), bytes.readUInt8(size + 6));
    if (format === 0) stream.streamId = bytes.readUInt32LE(size + 7);
    if (stream.received === 0) setTime(stream, format, extended ?? time);
    this.#at += fixed + (extended === undefined ? 0 : 4);
    return { stream, left: Math.min(this.#chunkSize, stream.length - stream.received) };
  }

  #stream(id: number, format: number): ChunkStream {
    const known = this.#streams.get(id);
    if (known) return known;
    if (format === 3) throw new Error(`chunk stream ${id} continues a message that never began`);
    if (this.#streams.size >= maxChunkStreams) throw new Error(`more than ${maxChunkStreams} chunk streams`);
    const numbers = { timestamp: 0, delta: 0, length: 0, type: 0, streamId: 0, received: 0 };
    const stream = { ...numbers, extended: undefined, body: Buffer.alloc(0) };
    this.#streams.set(id, stream);
    return stream;
  }

  #setShape(stream: ChunkStream, length: number, type: number): void {
    const { messageBytes } = this.#limits;
    if (length > messageBytes) throw new Error(`a message of ${length} bytes is larger than ${messageBytes}`);
    if (stream.received > 0 && length < stream.received) throw new Error('a message shrank while it was being sent');
    stream.length = length;
    stream.type = type;
  }

  #takeBody(chunk: Chunk): void {
    const { stream } = chunk;
    const size = Math.min(chunk.left, this.#bytes.length - this.#at);
    if (size <= 0) return;
    const { waitingBytes } = this.#limits;
    this.#waitingBytes += size;
    if (this.#waitingBytes > waitingBytes) throw new Error(`more than ${waitingBytes} bytes in unfinished messages`);
    // What was announced is not what has come: the room grows with what comes.
    const needed = stream.received + size;
    if (stream.body.length < needed) {
      const room = Buffer.allocUnsafe(Math.min(stream.length, Math.max(needed, 2 * stream.body.length)));
      stream.body.copy(room, 0, 0, stream.received);
      stream.body = room;
    }
    this.#bytes.copy(stream.body, stream.received, this.#at, this.#at + size);
    stream.received = needed;
    chunk.left -= size;
    this.#at += size;
  }

  #complete(stream: ChunkStream): RtmpMessage | undefined {
    const { type, streamId, timestamp } = stream;
    const data = stream.body.subarray(0, stream.received);
    this.#forget(stream);
    if (type === messageTypes.setChunkSize) this.#chunkSize = chunkSizeIn(data);
    else if (type === messageTypes.abort) this.#abort(data);
    else return { type, streamId, timestamp, data };
    return undefined;
  }

  #abort(data: Buffer): void {
    const stream = data.length >= 4 ? this.#streams.get(data.readUInt32BE(0)) : undefined;
    if (stream) this.#forget(stream);
  }

  #forget(stream: ChunkStream): void {
    this.#waitingBytes -= stream.received;
    stream.body = Buffer.alloc(0);
    stream.received = 0;
  }
}

function basicHeader(bytes: Buffer): { format: number; id: number; size: number } | undefined {
  const [first, second, third] = bytes;
  if (first === undefined) return undefined;
  const format = first >> 6;
  const id = first & 63;
  if (id > 1) return { format, id, size: 1 };
  if (second === undefined) return undefined;
  if (id === 0) return { format, id: 64 + second, size: 2 };
  return third === undefined ? undefined : { format, id: 64 + second + third * 256, size: 3 };
}

function setTime(stream: ChunkStream, format: number, time: number): void {
  if (format === 0) {
    stream.timestamp = time;
    // Encoders in the field repeat the whole header-less chunk at the same instant, not at twice the time.
    stream.delta = 0;
    return;
  }
  if (format < 3) stream.delta = time;
  stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
}

function chunkSizeIn(data: Buffer): number {
  const size = data.length >= 4 ? data.readUInt32BE(0) & 0x7fffffff : 0;
  if (size < 1) throw new Error('a chunk size below 1 byte was announced');
  return size;
}

/** Cuts messages into chunks, each message with a whole header. */
export class ChunkWriter {
  #chunkSize = initialChunkSize;

  /** The message's bytes on the wire. A `setChunkSize` holds for the messages after it. */
  encode(chunkStreamId: number, message: RtmpMessage): Buffer {
    const { type, data } = message;
    const timestamp = message.timestamp >>> 0;
    const extended = timestamp >= extendedTimestamp;
    const parts: Buffer[] = [firstHeader(chunkStreamId, { ...message, timestamp }, extended)];
    for (let at = 0; at < data.length; at += this.#chunkSize) {
      if (at > 0) parts.push(nextHeader(chunkStreamId, timestamp, extended));
      parts.push(data.subarray(at, at + this.#chunkSize));
    }
    if (type === messageTypes.setChunkSize) this.#chunkSize = chunkSizeIn(data);
    return Buffer.concat(parts);
  }
}

function firstHeader(id: number, { type, streamId, timestamp, data }: RtmpMessage, extended: boolean): Buffer {
  const header = Buffer.alloc(extended ? 16 : 12);
  header.writeUInt8(id, 0);
  header.writeUIntBE(extended ? extendedTimestamp : timestamp, 1, 3);
  header.writeUIntBE(data.length, 4, 3);
  header.writeUInt8(type, 7);
  header.writeUInt32LE(streamId, 8);
  if (extended) header.writeUInt32BE(timestamp, 12);
  return header;
}

function nextHeader(id: number, timestamp: number, extended: boolean): Buffer {
  const header = Buffer.alloc(extended ? 5 : 1);
  header.writeUInt8(0xc0 | id, 0);
  if (extended) header.writeUInt32BE(timestamp, 1);
  return header;
}

/** A control message: 32-bit numbers on chunk stream 2. */
export function controlMessage(type: number, ...values: number[]): RtmpMessage {
  const data = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) data.writeUInt32BE(value >>> 0, index * 4);
  return { type, streamId: 0, timestamp: 0, data };
}

const subHeaderBytes = 11;
const subTrailerBytes = 4;

/** The messages within an aggregate, each at its own time. Throws when it is cut off. */
export function* messagesIn({ data, timestamp, streamId }: RtmpMessage): Generator<RtmpMessage> {
  let firstTime: number | undefined;
  for (let at = 0; at + subHeaderBytes <= data.length; ) {
    const body = at + subHeaderBytes;
    const end = body + data.readUIntBE(at + 1, 3);
    if (end > data.length) throw new Error('an aggregate message is cut off');
    const time = data.readUIntBE(at + 4, 3) + data.readUInt8(at + 7) * 0x1000000;
    firstTime ??= time;
    const type = data.readUInt8(at);
    yield { type, streamId, timestamp: (timestamp + time - firstTime) >>> 0, data: data.subarray(body, end) };
    at = end + subTrailerBytes;
  }
}
