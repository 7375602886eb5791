import { EventEmitter } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificate.ts';
import type { MediaTag } from './flv.ts';
import { type IngestRequest, IngestSession, type MediaPosition } from './ingest-session.ts';
import { type Codec, type MediaPacket, packetsOf } from './media-packets.ts';
import { messageOf } from './message-of.ts';
import { recordable } from './recorder.ts';
import { type ConnectionHost, type IngestVerdict, RtmpConnection } from './rtmp-connection.ts';

export type { IngestRequest, IngestSession } from './ingest-session.ts';
export type { IngestVerdict } from './rtmp-connection.ts';

export interface RtmpIngestOptions {
  /** Says whether this push may be, and under which key of ours. One key has one publisher at a time. */
  authorize(req: IngestRequest): Promise<IngestVerdict>;
  /** Why a codec is not taken, as the vendor's message; undefined when it is. Default: what can be recorded is. */
  codecProblem?(codec: Codec, track: MediaPacket['track']): string | undefined;
  /** A connection silent for this long is cut. Default 10 s. */
  idleMs?: number;
}

export interface RtmpIngestEvents {
  publish: [session: IngestSession];
  unpublish: [session: IngestSession, reason: string];
  /** Never accepted; the reason is ours or `authorize`'s. */
  refused: [req: IngestRequest, reason: string];
}

const defaultIdleMs = 10_000;

/** Of these codecs and no others. */
export const onlyCodecs =
  (codecs: readonly Codec[], reason = (codec: Codec) => `the codec ${codec} is not supported`) =>
  (codec: Codec): string | undefined =>
    codecs.includes(codec) ? undefined : reason(codec);

interface Publisher {
  session: IngestSession;
  connection: RtmpConnection;
}

/** An RTMP server that only receives: it asks about every push, and reports every disconnect at once. */
export class RtmpIngest extends EventEmitter<RtmpIngestEvents> {
  readonly #authorize: RtmpIngestOptions['authorize'];
  readonly #servers: Server[] = [];
  readonly #accept: (socket: Socket) => void;
  readonly #connections = new Set<RtmpConnection>();
  readonly #publishers = new Map<string, Publisher>();
  readonly #timelines = new Map<string, MediaPosition>();

  constructor(options: RtmpIngestOptions) {
    const { authorize, idleMs = defaultIdleMs, codecProblem = onlyCodecs(recordable) } = options;
    super();
    this.#authorize = authorize;
    const host: ConnectionHost = {
      authorize: (req) => this.#verdict(req),
      enter: (key, req, connection) => this.#enter(key, req, connection),
      entered: (session) => this.emit('publish', session),
      refused: (req, reason) => this.emit('refused', req, reason),
      problemOf: (tag) => problemOf(tag, codecProblem),
      left: (session, reason) => this.#left(session, reason),
    };
    this.#accept = (socket) => {
      const connection = new RtmpConnection(socket, host, idleMs);
      this.#connections.add(connection);
      socket.once('close', () => this.#connections.delete(connection));
    };
  }

  /** Listens, on one more port when it does so already, and says on which. Default: any free one of 127.0.0.1. */
  listen(port = 0, host = '127.0.0.1'): Promise<number> {
    return this.#listen(createServer(this.#accept), port, host);
  }

  /** The same for RTMPS. */
  listenTls(certificate: Certificate, port = 0, host = '127.0.0.1'): Promise<number> {
    const server = createTlsServer(certificate, this.#accept);
    // A client that does not trust the certificate hangs up during the handshake; that is its right.
    server.on('tlsClientError', () => undefined);
    return this.#listen(server, port, host);
  }

  /** Cuts the publisher of this key; false when there is none. It is gone when this returns. */
  kick(key: string, reason: string): boolean {
    const publisher = this.#publishers.get(key);
    publisher?.connection.cut(reason);
    return publisher !== undefined;
  }

  publishing(key: string): boolean {
    return this.#publishers.has(key);
  }

  /** Cuts everyone and listens no more. May be called again. */
  close(): Promise<void> {
    for (const connection of this.#connections) connection.cut('the server closes');
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    return Promise.all(closed).then(() => undefined);
  }

  #listen(server: Server, port: number, host: string): Promise<number> {
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
    });
  }

  async #verdict(req: IngestRequest): Promise<IngestVerdict> {
    try {
      return await this.#authorize(req);
    } catch (error) {
      return { ok: false, reason: messageOf(error) };
    }
  }

  #enter(key: string, req: IngestRequest, connection: RtmpConnection): IngestSession | undefined {
    if (this.#publishers.has(key)) return undefined;
    const session = new IngestSession(key, req, this.#timeline(key));
    this.#publishers.set(key, { session, connection });
    return session;
  }

  #timeline(key: string): MediaPosition {
    const timeline = this.#timelines.get(key) ?? { positionMs: 0 };
    this.#timelines.set(key, timeline);
    return timeline;
  }

  #left(session: IngestSession, reason: string): void {
    if (this.#publishers.get(session.key)?.session === session) this.#publishers.delete(session.key);
    session.finish(reason);
    this.emit('unpublish', session, reason);
  }
}

/** A damaged tag is no reason, nor is another track than the first: the recorder leaves them out and says so. */
function problemOf(tag: MediaTag, codecProblem: Required<RtmpIngestOptions>['codecProblem']): string | undefined {
  try {
    const first = packetsOf(tag).filter(({ trackId }) => trackId === 0);
    const problems = first.map(({ codec, track }) => codecProblem(codec, track));
    return problems.find((problem) => problem !== undefined);
  } catch {
    return undefined;
  }
}
