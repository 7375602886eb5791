import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type AmfValue, decodeAmf, encodeAmf } from '../kit/amf.ts';
import { tagTypeOf } from '../kit/flv.ts';
import { messageOf } from '../kit/message-of.ts';
import { dial, parsePushUrl } from '../kit/push-url.ts';
import { ChunkReader, ChunkWriter, controlMessage, messageTypes, type RtmpMessage } from '../kit/rtmp-chunks.ts';
import type { PulledSource, SourceListener } from './source.ts';

const handshakeBytes = 1536;
const windowBytes = 2_500_000;
const commandChunkStream = 3;
const controlChunkStream = 2;
const connectTransaction = 1;
const createStreamTransaction = 2;
/** A source that sends nothing for this long is given up. */
const idleMs = 10_000;

/** Plays an RTMP stream: connect, createStream, play. https://rtmp.veriskope.com/docs/spec/#7221-play */
export function playRtmp(url: string, listener: SourceListener): PulledSource {
  const target = parsePushUrl(url);
  const { app, name, tcUrl } = target;
  const socket = dial(target);
  const player = new RtmpPlayer(socket, { app, name, tcUrl }, listener);
  return { close: () => player.close() };
}

class RtmpPlayer {
  readonly #socket: Socket;
  readonly #target: { app: string; name: string; tcUrl: string };
  readonly #listener: SourceListener;
  readonly #reader = new ChunkReader();
  readonly #writer = new ChunkWriter();
  #handshake: Buffer | undefined = Buffer.alloc(0);
  #ended = false;

  constructor(socket: Socket, target: { app: string; name: string; tcUrl: string }, listener: SourceListener) {
    this.#socket = socket;
    this.#target = target;
    this.#listener = listener;
    socket.setNoDelay(true);
    socket.setTimeout(idleMs, () => this.#end('the source is silent'));
    socket.once('connect', () =>
      socket.write(Buffer.concat([Buffer.of(3), randomBytes(handshakeBytes).fill(0, 0, 8)])),
    );
    socket.on('data', (bytes) => this.#guarded(bytes));
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the source closed'));
  }

  close(): void {
    this.#end('closed');
  }

  #end(reason: string): void {
    this.#socket.destroy();
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.end(reason);
  }

  #guarded(bytes: Buffer): void {
    try {
      const rest = this.#handshake ? this.#shakeHands(bytes) : bytes;
      for (const message of rest.length > 0 ? this.#reader.push(rest) : []) this.#take(message);
    } catch (error) {
      this.#end(messageOf(error));
    }
  }

  /** S0 S1 S2 in one go; C2 repeats S1. */
  #shakeHands(bytes: Buffer): Buffer {
    const all = Buffer.concat([this.#handshake ?? Buffer.alloc(0), bytes]);
    this.#handshake = all;
    const length = 1 + 2 * handshakeBytes;
    if (all.length < length) return Buffer.alloc(0);
    this.#handshake = undefined;
    this.#socket.write(all.subarray(1, 1 + handshakeBytes));
    const { app, tcUrl } = this.#target;
    const facts = {
      app,
      tcUrl,
      flashVer: 'LNX 9,0,124,2',
      fpad: false,
      capabilities: 15,
      audioCodecs: 4071,
      videoCodecs: 252,
    };
    this.#command(0, 'connect', connectTransaction, { ...facts, videoFunction: 1 });
    return all.subarray(length);
  }

  #take(message: RtmpMessage): void {
    if (this.#ended) return;
    const type = tagTypeOf(message.type);
    if (type) this.#listener.tag({ type, timestamp: message.timestamp, data: message.data });
    else if (message.type === messageTypes.command) this.#answer(decodeAmf(message.data));
  }

  #answer([name, transaction, , info]: AmfValue[]): void {
    if (name === 'onStatus') this.#status(info);
    else if (name === '_error') this.#end('the source refused');
    else if (name === '_result' && transaction === connectTransaction) {
      this.#write(controlChunkStream, controlMessage(messageTypes.windowSize, windowBytes));
      this.#command(0, 'createStream', createStreamTransaction, null);
    } else if (name === '_result' && transaction === createStreamTransaction) {
      const streamId = typeof info === 'number' ? info : 1;
      this.#command(streamId, 'play', 0, null, this.#target.name, -2000);
    }
  }

  #status(info: AmfValue | undefined): void {
    const facts = info !== null && typeof info === 'object' && !Array.isArray(info) ? info : {};
    const over = ['NetStream.Play.Stop', 'NetStream.Play.UnpublishNotify', 'NetStream.Play.StreamNotFound'];
    if (facts.level === 'error' || over.includes(String(facts.code))) this.#end(String(facts.code));
  }

  #command(streamId: number, ...values: AmfValue[]): void {
    const data = encodeAmf(...values);
    this.#write(commandChunkStream, { type: messageTypes.command, streamId, timestamp: 0, data });
  }

  #write(chunkStream: number, message: RtmpMessage): void {
    if (this.#socket.writable) this.#socket.write(this.#writer.encode(chunkStream, message));
  }
}
