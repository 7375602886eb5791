import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type AmfValue, decodeAmf, encodeAmf } from './amf.ts';
import { type MediaTag, tagTypes } from './flv.ts';
import { dial, parsePushUrl } from './push-url.ts';
import { redactPushUrl } from './redact.ts';
import { ChunkReader, ChunkWriter, controlMessage, messageTypes, type RtmpMessage } from './rtmp-chunks.ts';

const handshakeBytes = 1536;
const chunkSize = 4096;
/** A server that does not close its side within this is left. */
const goodbyeMs = 2_000;
const chunkStreams = { control: 2, command: 3, audio: 4, data: 4, video: 6 } as const;

interface Waiter {
  resolve(values: AmfValue[]): void;
  reject(error: Error): void;
}

/** The server was reached and let the encoder not in: it said so, or closed the connection of its own accord. */
export class PushRefused extends Error {
  override readonly name = 'PushRefused';
}

/** An RTMP client that publishes; every error names the server, never the stream key. */
export class RtmpPublisher {
  readonly #socket: Socket;
  readonly #place: string;
  readonly #reader = new ChunkReader();
  readonly #writer = new ChunkWriter();
  readonly #answers = new Map<AmfValue, Waiter>();
  #handshake: Buffer | undefined = Buffer.alloc(0);
  #shaken: Waiter | undefined;
  #status: Waiter | undefined;
  #transaction = 0;
  #streamId = 0;
  #error: Error | undefined;
  /** Settles when the connection is closed, by whomever. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket, place: string) {
    this.#socket = socket;
    this.#place = place;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    void this.closed.then(() => this.#fail());
  }

  /** Connects and publishes. Rejects when the server cannot be reached or refuses, with its reason. */
  static async open(url: string): Promise<RtmpPublisher> {
    const target = parsePushUrl(url);
    const publisher = new RtmpPublisher(dial(target), redactPushUrl(url));
    try {
      await publisher.#shakeHands();
      await publisher.#publish(target);
      return publisher;
    } catch (error) {
      publisher.drop();
      throw error;
    }
  }

  get open(): boolean {
    return this.#socket.writable;
  }

  /** False when the connection is full: wait for `drained`. */
  send(tag: MediaTag): boolean {
    if (!this.open) return true;
    const data = tag.type === 'data' ? Buffer.concat([encodeAmf('@setDataFrame'), tag.data]) : tag.data;
    const message = { type: tagTypes[tag.type], streamId: this.#streamId, timestamp: tag.timestamp, data };
    return this.#socket.write(this.#writer.encode(chunkStreams[tag.type], message));
  }

  /** Settles when more can be sent, or nothing more ever. */
  async drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain) return;
    await Promise.race([this.closed, new Promise<void>((resolve) => this.#socket.once('drain', () => resolve()))]);
  }

  /** Unpublishes and waits until the connection is closed. */
  async stop(): Promise<void> {
    if (this.open) {
      this.#command(0, 'FCUnpublish', this.#next(), null, '');
      this.#command(0, 'deleteStream', this.#next(), null, this.#streamId);
      this.#socket.end();
      setTimeout(() => this.drop(), goodbyeMs).unref();
    }
    await this.closed;
  }

  /** Cuts the connection without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  async #shakeHands(): Promise<void> {
    const c1 = randomBytes(handshakeBytes).fill(0, 0, 8);
    const shaken = new Promise<AmfValue[]>((resolve, reject) => {
      this.#shaken = { resolve, reject };
    });
    this.#socket.write(Buffer.concat([Buffer.of(3), c1]));
    await shaken;
  }

  async #publish({ app, name, tcUrl }: { app: string; name: string; tcUrl: string }): Promise<void> {
    this.#send(chunkStreams.control, controlMessage(messageTypes.setChunkSize, chunkSize));
    const flashVer = 'FMLE/3.0 (compatible; showcaller)';
    await this.#call('connect', { app, type: 'nonprivate', flashVer, tcUrl });
    this.#command(0, 'releaseStream', this.#next(), null, name);
    this.#command(0, 'FCPublish', this.#next(), null, name);
    const [, , , streamId] = await this.#call('createStream', null);
    this.#streamId = typeof streamId === 'number' ? streamId : 1;
    const status = new Promise<AmfValue[]>((resolve, reject) => {
      this.#status = { resolve, reject };
    });
    this.#command(this.#streamId, 'publish', this.#next(), null, name, 'live');
    await status;
  }

  #call(name: string, ...values: AmfValue[]): Promise<AmfValue[]> {
    const transaction = this.#next();
    return new Promise((resolve, reject) => {
      this.#answers.set(transaction, { resolve, reject });
      this.#command(0, name, transaction, ...values);
    });
  }

  #next(): number {
    this.#transaction += 1;
    return this.#transaction;
  }

  #command(streamId: number, ...values: AmfValue[]): void {
    this.#send(chunkStreams.command, {
      type: messageTypes.command,
      streamId,
      timestamp: 0,
      data: encodeAmf(...values),
    });
  }

  #send(chunkStream: number, message: RtmpMessage): void {
    if (this.open) this.#socket.write(this.#writer.encode(chunkStream, message));
  }

  #receive(bytes: Buffer): void {
    try {
      const rest = this.#handshake ? this.#continueHandshake(bytes) : bytes;
      if (rest.length > 0) for (const message of this.#reader.push(rest)) this.#take(message);
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
      this.drop();
    }
  }

  /** S0 S1 S2 → C2; what follows is the first message. */
  #continueHandshake(bytes: Buffer): Buffer {
    const all = Buffer.concat([this.#handshake ?? Buffer.alloc(0), bytes]);
    this.#handshake = all;
    if (all.length < 1 + 2 * handshakeBytes) return Buffer.alloc(0);
    this.#handshake = undefined;
    this.#socket.write(all.subarray(1, 1 + handshakeBytes));
    this.#shaken?.resolve([]);
    return all.subarray(1 + 2 * handshakeBytes);
  }

  #take({ type, data }: RtmpMessage): void {
    if (type !== messageTypes.command) return;
    const values = decodeAmf(data);
    const [name, transaction = null, , info] = values;
    if (name === 'onStatus') this.#takeStatus(info);
    const waiter = this.#answers.get(transaction);
    this.#answers.delete(transaction);
    if (name === '_result') waiter?.resolve(values);
    if (name === '_error') waiter?.reject(this.#refusal(describe(info)));
  }

  #takeStatus(info: AmfValue | undefined): void {
    const failed = info !== null && typeof info === 'object' && !Array.isArray(info) && info.level === 'error';
    if (failed) this.#status?.reject(this.#refusal(describe(info)));
    else this.#status?.resolve([]);
  }

  #refusal(why: string): PushRefused {
    return new PushRefused(this.#text(why));
  }

  #text(why: string): string {
    return `RTMP publish to ${this.#place} failed: ${why}`;
  }

  #fail(): void {
    // A connection that breaks, or never was, says nothing of what the server would answer.
    const answered = this.#handshake === undefined && this.#error === undefined;
    const error = answered
      ? this.#refusal('the server closed the connection')
      : new Error(this.#text(this.#error?.message ?? 'the server closed the connection'), { cause: this.#error });
    for (const waiter of [this.#shaken, this.#status, ...this.#answers.values()]) waiter?.reject(error);
  }
}

function describe(info: AmfValue | undefined): string {
  if (info === null || typeof info !== 'object' || Array.isArray(info)) return 'the server refused';
  return [info.code, info.description].filter((part) => typeof part === 'string').join(': ');
}
