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
  amf3Command: 17,
  command: 20,
} as const;

const initialChunkSize = 128;
const extendedTimestamp = 0xffffff;
const headerBytes = [11, 7, 3, 0] as const;

/** A sender beyond these is broken or hostile: nothing a live encoder sends comes near. */
const maxMessageBytes = 8 * 1024 * 1024;
const maxWaitingBytes = 16 * 1024 * 1024;
const maxChunkStreams = 64;

interface ChunkStream {
  timestamp: number;
  delta: number;
  length: number;
  type: number;
  streamId: number;
  extended: boolean;
  parts: Buffer[];
  received: number;
}

interface ChunkHeader {
  stream: ChunkStream;
  format: number;
  /** Absolute for format 0, a difference for 1 and 2. */
  time: number;
  bytes: number;
}

/** Puts messages together again from the chunks they came in. Throws on what cannot be RTMP. */
export class ChunkReader {
  readonly #streams = new Map<number, ChunkStream>();
  #bytes: Buffer = Buffer.alloc(0);
  #chunkSize = initialChunkSize;
  #waitingBytes = 0;

  /** The messages that `bytes` completes, in order. Chunk sizes and aborts are dealt with here. */
  push(bytes: Buffer): RtmpMessage[] {
    this.#bytes = this.#bytes.length > 0 ? Buffer.concat([this.#bytes, bytes]) : bytes;
    const messages: RtmpMessage[] = [];
    for (let header = this.#header(); header && this.#takeChunk(header, messages); header = this.#header());
    return messages;
  }

  /** The next chunk's header, once all of it is there. */
  #header(): ChunkHeader | undefined {
    const bytes = this.#bytes;
    const basic = basicHeader(bytes);
    if (!basic) return undefined;
    const { format, id, size } = basic;
    const fixed = size + (headerBytes[format] ?? 0);
    if (bytes.length < fixed) return undefined;
    const stream = this.#stream(id, format);
    const time = format < 3 ? bytes.readUIntBE(size, 3) : 0;
    const extended = format < 3 ? time === extendedTimestamp : stream.extended;
    if (extended && bytes.length < fixed + 4) return undefined;
    if (format < 3) stream.extended = extended;
    if (format < 2) this.#setShape(stream, bytes.readUIntBE(size + 3, 3), bytes.readUInt8(size + 6));
    if (format === 0) stream.streamId = bytes.readUInt32LE(size + 7);
    return {
      stream,
      format,
      time: extended ? bytes.readUInt32BE(fixed) : time,
      bytes: fixed + (extended ? 4 : 0),
    };
  }

  #stream(id: number, format: number): ChunkStream {
    const known = this.#streams.get(id);
    if (known) return known;
    if (format === 3) throw new Error(`chunk stream ${id} continues a message that never began`);
    if (this.#streams.size >= maxChunkStreams) throw new Error(`more than ${maxChunkStreams} chunk streams`);
    const stream = { timestamp: 0, delta: 0, length: 0, type: 0, streamId: 0, extended: false, parts: [], received: 0 };
    this.#streams.set(id, stream);
    return stream;
  }

  #setShape(stream: ChunkStream, length: number, type: number): void {
    if (length > maxMessageBytes) throw new Error(`a message of ${length} bytes is larger than ${maxMessageBytes}`);
    if (stream.received > 0 && length < stream.received) throw new Error('a message shrank while it was being sent');
    stream.length = length;
    stream.type = type;
  }

  /** False while part of the chunk is still to come. */
  #takeChunk({ stream, format, time, bytes }: ChunkHeader, messages: RtmpMessage[]): boolean {
    const size = Math.min(this.#chunkSize, stream.length - stream.received);
    if (this.#bytes.length < bytes + size) return false;
    if (stream.received === 0) setTime(stream, format, time);
    stream.parts.push(this.#bytes.subarray(bytes, bytes + size));
    stream.received += size;
    this.#waitingBytes += size;
    if (this.#waitingBytes > maxWaitingBytes)
      throw new Error(`more than ${maxWaitingBytes} bytes in unfinished messages`);
    this.#bytes = this.#bytes.subarray(bytes + size);
    if (stream.received === stream.length) this.#complete(stream, messages);
    return true;
  }

  #complete(stream: ChunkStream, messages: RtmpMessage[]): void {
    const { type, streamId, timestamp } = stream;
    const data = Buffer.concat(stream.parts);
    this.#forget(stream);
    if (type === messageTypes.setChunkSize) this.#chunkSize = chunkSizeIn(data);
    else if (type === messageTypes.abort) this.#abort(data);
    else messages.push({ type, streamId, timestamp, data });
  }

  #abort(data: Buffer): void {
    const stream = data.length >= 4 ? this.#streams.get(data.readUInt32BE(0)) : undefined;
    if (stream) this.#forget(stream);
  }

  #forget(stream: ChunkStream): void {
    this.#waitingBytes -= stream.received;
    stream.parts = [];
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
