import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { ChunkReader, controlMessage, messageTypes, type RtmpMessage } from '../../simulators/kit/rtmp-chunks.ts';

/** How an encoder cuts its messages. */
export interface Wire {
  /** Bytes of a chunk. */
  chunkSize?: number;
  /** Whether a long timestamp stands in front of every part of a message, or of the first alone. Encoders differ. */
  longTimestamps?: 'repeated' | 'once';
  /** So many messages of sound and picture go as one. */
  together?: number;
}

/** C0, C1 and C2. */
const handshakeBytes = 1 + 2 * 1536;
const extended = 0xffffff;
const usualChunkSize = 128;
const aggregateType = 22;
const isMedia = ({ type }: RtmpMessage) => type === 8 || type === 9;

/** Between an encoder and its server: the same messages, cut in another way. Gives the address for the encoder. */
export async function otherWire(
  url: string,
  wire: Wire,
  atEnd: (close: () => void) => void = onTestFinished,
): Promise<string> {
  const { hostname, port, pathname, search } = new URL(url.replace(/^rtmp:/, 'http:'));
  const sockets = new Set<Socket>();
  const server = createServer((encoder) => {
    const upstream = dial(Number(port), hostname);
    for (const socket of [encoder, upstream]) sockets.add(socket.on('error', () => undefined));
    upstream.pipe(encoder);
    const writer = new OtherWriter(wire);
    const reader = new ChunkReader();
    let shaken = 0;
    encoder.on('data', (bytes) => {
      const greeting = bytes.subarray(0, Math.max(0, handshakeBytes - shaken));
      shaken += greeting.length;
      if (greeting.length > 0) upstream.write(greeting);
      if (greeting.length < bytes.length)
        upstream.write(writer.encode([...reader.push(bytes.subarray(greeting.length))]));
    });
    encoder.on('end', () => upstream.end(writer.rest()));
    encoder.on('close', () => upstream.destroySoon());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `rtmp://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}${search}`;
}

/** Written from the specification and not from the simulator's own writer, which knows one way. */
class OtherWriter {
  readonly #wire: Wire;
  #size = usualChunkSize;
  #waiting: RtmpMessage[] = [];

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  encode(messages: readonly RtmpMessage[]): Buffer {
    const { chunkSize, together = 1 } = this.#wire;
    const parts: Buffer[] = [];
    if (chunkSize !== undefined && chunkSize !== this.#size) {
      parts.push(this.#chunks(2, controlMessage(messageTypes.setChunkSize, chunkSize)));
      this.#size = chunkSize;
    }
    for (const message of messages) {
      if (together > 1 && isMedia(message)) {
        this.#waiting.push(message);
        if (this.#waiting.length >= together) parts.push(this.rest());
      } else parts.push(this.rest(), this.#chunks(isMedia(message) ? message.type : 3, message));
    }
    return Buffer.concat(parts);
  }

  /** https://rtmp.veriskope.com/docs/spec/#7116aggregate-message-22 */
  rest(): Buffer {
    const all = this.#waiting.splice(0);
    const [first] = all;
    if (!first) return Buffer.alloc(0);
    const data = all.flatMap(({ type, timestamp, data: body }) => {
      const header = Buffer.alloc(11);
      header.writeUInt8(type, 0);
      header.writeUIntBE(body.length, 1, 3);
      header.writeUIntBE(timestamp & 0xffffff, 4, 3);
      header.writeUInt8(timestamp >>> 24, 7);
      const back = Buffer.alloc(4);
      back.writeUInt32BE(body.length + header.length);
      return [header, body, back];
    });
    return this.#chunks(9, { ...first, type: aggregateType, data: Buffer.concat(data) });
  }

  #chunks(id: number, { type, streamId, timestamp, data }: RtmpMessage): Buffer {
    const isLong = timestamp >= extended;
    const long = Buffer.alloc(isLong ? 4 : 0);
    if (isLong) long.writeUInt32BE(timestamp);
    const head = Buffer.alloc(12);
    head.writeUInt8(id, 0);
    head.writeUIntBE(isLong ? extended : timestamp, 1, 3);
    head.writeUIntBE(data.length, 4, 3);
    head.writeUInt8(type, 7);
    head.writeUInt32LE(streamId, 8);
    const parts = [head, long, data.subarray(0, this.#size)];
    for (let at = this.#size; at < data.length; at += this.#size) {
      parts.push(Buffer.of(0xc0 | id));
      if (this.#wire.longTimestamps !== 'once') parts.push(long);
      parts.push(data.subarray(at, at + this.#size));
    }
    return Buffer.concat(parts);
  }
}
