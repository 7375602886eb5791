import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type AmfValue, decodeAmf, encodeAmf } from './amf.ts';
import { type MediaTag, tagTypeOf } from './flv.ts';
import type { IngestRequest, IngestSession } from './ingest-session.ts';
import { messageOf } from './message-of.ts';
import { splitQuery } from './push-url.ts';
import { ChunkReader, ChunkWriter, controlMessage, messagesIn, messageTypes, type RtmpMessage } from './rtmp-chunks.ts';

/** What the server decides for its connections. */
export interface ConnectionHost {
  /** May be asked for the same key by several at once; never rejects. */
  authorize(req: IngestRequest): Promise<IngestVerdict>;
  /** Takes the key; undefined when it is taken. */
  enter(key: string, req: IngestRequest, connection: RtmpConnection): IngestSession | undefined;
  /** The connection knows its session now and can be cut. */
  entered(session: IngestSession): void;
  /** The encoder was refused. */
  refused(req: IngestRequest, reason: string): void;
  /** Why what is in this tag is not taken; undefined when it is. */
  problemOf(tag: MediaTag): string | undefined;
  /** The publisher is gone; called once per session. */
  left(session: IngestSession, reason: string): void;
}

export type IngestVerdict = { ok: true; key: string } | { ok: false; reason: string };

const handshakeBytes = 1536;
const windowBytes = 2_500_000;
const acknowledgeEvery = 1_000_000;
const chunkSize = 4096;
const mediaStreamId = 1;
/** A refused encoder gets this long to read why before its connection is cut. */
const lingerMs = 500;

/** One encoder's connection, from handshake to hang-up. Whatever comes in, it never throws out of a socket event. */
export class RtmpConnection {
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #reader = ChunkReader.wary();
  readonly #writer = new ChunkWriter();
  #handshake: Buffer | undefined = Buffer.alloc(0);
  #deciding = false;
  #closed = false;
  #session: IngestSession | undefined;
  #app = '';
  #tcUrl = '';
  #appQuery: Record<string, string> = {};
  #received = 0;
  #acknowledged = 0;

  constructor(socket: Socket, host: ConnectionHost, idleMs: number) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.setTimeout(idleMs, () => this.cut(`idle for ${idleMs} ms`));
    socket.on('data', (bytes) => this.#guard(() => this.#receive(bytes)));
    socket.on('end', () => this.cut('closed by the encoder'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.cut(error.code ?? error.message));
    socket.on('close', () => this.cut('closed'));
  }

  /** Ends session and connection at once. */
  cut(reason: string): void {
    this.#closed = true;
    this.#leave(reason);
    this.#socket.destroy();
  }

  #leave(reason: string): void {
    const session = this.#session;
    this.#session = undefined;
    if (session) this.#host.left(session, reason);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.cut(`protocol error: ${messageOf(error)}`);
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#closed) return;
    this.#received += bytes.length;
    if (this.#received - this.#acknowledged > acknowledgeEvery) {
      this.#acknowledged = this.#received;
      this.#send(2, controlMessage(messageTypes.acknowledgement, this.#received));
    }
    const rest = this.#handshake ? this.#shakeHands(bytes) : bytes;
    if (rest.length === 0) return;
    this.#reader.append(rest);
    this.#drain();
  }

  /** C0 C1 → S0 S1 S2; then C2, and what follows it is the first message. */
  #shakeHands(bytes: Buffer): Buffer {
    const before = this.#handshake?.length ?? 0;
    const all = Buffer.concat([this.#handshake ?? Buffer.alloc(0), bytes]);
    this.#handshake = all;
    if (all.readUInt8(0) !== 3) throw new Error('this is not RTMP');
    const c1End = 1 + handshakeBytes;
    if (before < c1End && all.length >= c1End) {
      const s1 = randomBytes(handshakeBytes).fill(0, 0, 8);
      this.#socket.write(Buffer.concat([Buffer.of(3), s1, all.subarray(1, c1End)]));
    }
    if (all.length < c1End + handshakeBytes) return Buffer.alloc(0);
    this.#handshake = undefined;
    return all.subarray(c1End + handshakeBytes);
  }

  /** What comes while a push is being decided on waits, unread. */
  #drain(): void {
    while (!this.#deciding && !this.#closed) {
      const message = this.#reader.next();
      if (!message) return;
      this.#take(message);
    }
  }

  #take(message: RtmpMessage): void {
    const tag = tagTypeOf(message.type);
    if (tag) this.#media(message.streamId, { type: tag, timestamp: message.timestamp, data: message.data });
    else if (message.type === messageTypes.aggregate) for (const part of messagesIn(message)) this.#takePart(part);
    else if (message.type === messageTypes.userControl) this.#pong(message);
    else if (message.type === messageTypes.command) this.#command(message, message.data);
    // One byte says that AMF0 follows even in a message for AMF3.
    else if (message.type === messageTypes.amf3Command) this.#command(message, message.data.subarray(1));
  }

  /** An aggregate is of media only, and of no other aggregate. */
  #takePart({ type, streamId, timestamp, data }: RtmpMessage): void {
    const tag = tagTypeOf(type);
    if (tag && !this.#closed) this.#media(streamId, { type: tag, timestamp, data });
  }

  #media(streamId: number, tag: MediaTag): void {
    if (!this.#session) return;
    const problem = this.#host.problemOf(tag);
    if (problem === undefined) this.#session.take(tag);
    else this.#sendAway(streamId, 'NetStream.Publish.Rejected', problem);
  }

  #pong({ data }: RtmpMessage): void {
    const [pingRequest, pingResponse] = [6, 7];
    if (data.length < 6 || data.readUInt16BE(0) !== pingRequest) return;
    const answer = Buffer.from(data.subarray(0, 6));
    answer.writeUInt16BE(pingResponse, 0);
    this.#send(2, { type: messageTypes.userControl, streamId: 0, timestamp: 0, data: answer });
  }

  #command(message: RtmpMessage, data: Buffer): void {
    const [name, transaction = 0, object, argument] = decodeAmf(data);
    switch (name) {
      case 'connect':
        this.#connect(transaction, object);
        break;
      case 'createStream':
        this.#reply(transaction, null, mediaStreamId);
        break;
      case 'publish':
        this.#publish(message.streamId, typeof argument === 'string' ? argument : '');
        break;
      case 'play':
        this.#status(message.streamId, 'error', 'NetStream.Play.StreamNotFound', 'this server only takes pictures');
        break;
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        this.#leave('unpublished');
        break;
    }
  }

  #connect(transaction: AmfValue, object: AmfValue | undefined): void {
    const facts = object !== null && typeof object === 'object' && !Array.isArray(object) ? object : {};
    const text = (value: AmfValue | undefined) => (typeof value === 'string' ? value : '');
    const app = splitQuery(text(facts.app));
    this.#tcUrl = text(facts.tcUrl);
    this.#app = app.text;
    this.#appQuery = { ...splitQuery(this.#tcUrl).query, ...app.query };
    this.#send(2, controlMessage(messageTypes.windowSize, windowBytes));
    const dynamicLimit = 2;
    const bandwidth = controlMessage(messageTypes.peerBandwidth, windowBytes);
    this.#send(2, { ...bandwidth, data: Buffer.concat([bandwidth.data, Buffer.of(dynamicLimit)]) });
    this.#send(2, controlMessage(messageTypes.setChunkSize, chunkSize));
    const server = { fmsVer: 'FMS/3,0,1,123', capabilities: 31 };
    const code = 'NetConnection.Connect.Success';
    this.#reply(transaction, server, { level: 'status', code, description: 'connected', objectEncoding: 0 });
  }

  #publish(streamId: number, argument: string): void {
    const { text: name, query } = splitQuery(argument);
    const req: IngestRequest = {
      app: this.#app,
      name,
      path: `/${this.#app}/${name}`,
      query: { ...this.#appQuery, ...query },
      tcUrl: this.#tcUrl,
      remoteAddress: this.#socket.remoteAddress ?? '',
      remotePort: this.#socket.remotePort ?? 0,
    };
    if (this.#session) {
      this.#refuse(streamId, req, 'this connection publishes already');
      return;
    }
    this.#deciding = true;
    this.#socket.pause();
    void this.#host.authorize(req).then((verdict) => {
      this.#deciding = false;
      this.#guard(() => this.#decided(streamId, req, verdict));
    });
  }

  #decided(streamId: number, req: IngestRequest, verdict: IngestVerdict): void {
    if (this.#closed) return;
    const session = verdict.ok ? this.#host.enter(verdict.key, req, this) : undefined;
    if (!session) {
      this.#refuse(streamId, req, verdict.ok ? 'someone publishes here already' : verdict.reason);
      return;
    }
    this.#session = session;
    this.#reader.trust();
    this.#status(streamId, 'status', 'NetStream.Publish.Start', 'go ahead');
    this.#host.entered(session);
    this.#socket.resume();
    this.#drain();
  }

  #refuse(streamId: number, req: IngestRequest, reason: string): void {
    this.#host.refused(req, reason);
    this.#sendAway(streamId, 'NetStream.Publish.BadName', reason);
  }

  #sendAway(streamId: number, code: string, reason: string): void {
    this.#status(streamId, 'error', code, reason);
    this.#closed = true;
    this.#leave(reason);
    this.#socket.resume();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), lingerMs).unref();
  }

  #status(streamId: number, level: 'status' | 'error', code: string, description: string): void {
    this.#sendCommand(5, streamId, ['onStatus', 0, null, { level, code, description }]);
  }

  #reply(...values: AmfValue[]): void {
    this.#sendCommand(3, 0, ['_result', ...values]);
  }

  #sendCommand(chunkStream: number, streamId: number, values: AmfValue[]): void {
    this.#send(chunkStream, { type: messageTypes.command, streamId, timestamp: 0, data: encodeAmf(...values) });
  }

  #send(chunkStream: number, message: RtmpMessage): void {
    if (this.#socket.writable) this.#socket.write(this.#writer.encode(chunkStream, message));
  }
}
