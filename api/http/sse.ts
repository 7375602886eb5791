import type { FastifyReply, FastifyRequest } from 'fastify';
import { principalOf } from '../auth/authorize.ts';
import type { Principal } from '../auth/permissions.ts';
import type { QuotasOf } from '../auth/quotas.ts';
import type { ApiLimits } from '../limits.ts';
import { tooMany, unavailable } from './problem.ts';

export interface StreamEvent {
  /** Default: no name, a message. */
  event?: string;
  id?: string;
  data: unknown;
}

/** One viewer's stream. Sending into one that is closed does nothing. */
export interface EventStream {
  send(event: StreamEvent): void;
  /** What `framesOf` made, for many viewers at once. */
  sendFrames(frames: Buffer): void;
  end(): void;
  /** Called once, however it ended. */
  onClose(listener: () => void): void;
}

/** A viewer that reads so slowly is disconnected: what it has not read is kept in our memory. Bytes. */
const maxUnsentBytes = 1024 * 1024;
/** How long a viewer waits before it reconnects. Milliseconds. */
const retryMs = 3_000;

/** Every open stream, so that a shutdown can end them. */
export class OpenStreams {
  /** The open streams, each with its principal. */
  readonly #open = new Map<EventStream, Principal>();
  readonly #limits: ApiLimits;
  readonly #quotasOf: QuotasOf;

  constructor(limits: ApiLimits, quotasOf: QuotasOf) {
    this.#limits = limits;
    this.#quotasOf = quotasOf;
  }

  endAll(): void {
    for (const stream of this.#open.keys()) stream.end();
  }

  /**
   * Answers the request with a stream. Each heartbeat authorizes the viewer again; a refusal ends the stream.
   *
   * @throws HttpProblem 429 when the caller, 503 when all callers together have too many streams open.
   */
  begin(request: FastifyRequest, reply: FastifyReply, reauthorize: () => Promise<unknown>): EventStream {
    const principal = principalOf(request);
    this.#checkRoom(principal);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // A connection kept alive after the stream would delay a shutdown.
      connection: 'close',
    });
    const send = (text: string | Buffer) => {
      if (raw.writableEnded || raw.destroyed) return;
      raw.write(text);
      if (raw.writableLength > maxUnsentBytes) raw.destroy();
    };
    const stream: EventStream = {
      send: (event) => send(framesOf([event])),
      sendFrames: send,
      end: () => raw.end(),
      // The viewer may have left before the stream began.
      onClose: (listener) => (raw.closed ? listener() : raw.once('close', listener)),
    };
    send(`retry: ${retryMs}\n\n`);
    const heartbeat = setInterval(() => {
      send(': still here\n\n');
      reauthorize().catch((error: unknown) => {
        request.log.info({ err: error }, 'stream ended: its viewer is not authorized any more');
        stream.end();
      });
    }, this.#limits.heartbeatMs);
    this.#open.set(stream, principal);
    stream.onClose(() => {
      clearInterval(heartbeat);
      this.#open.delete(stream);
    });
    return stream;
  }

  #checkRoom({ name, tenant }: Principal): void {
    const { streams, streamsPerPrincipal } = this.#limits;
    const open = [...this.#open.values()];
    const own = open.filter((one) => one.name === name).length;
    if (own >= streamsPerPrincipal) throw tooMany(`${name} has ${own} streams open: close some first`);
    const ofTenant = open.filter((one) => one.tenant === tenant).length;
    if (tenant !== undefined && ofTenant >= this.#quotasOf(tenant).streams)
      throw tooMany(`tenant ${tenant} has ${ofTenant} streams open, its quota: close some first`);
    if (open.length >= streams) throw unavailable(`${open.length} streams are open; try again`);
  }
}

export const framesOf = (events: readonly StreamEvent[]): string => events.map(frameOf).join('');

/** One data line is enough: JSON text has no line breaks. */
function frameOf({ event, id, data }: StreamEvent): string {
  const lines = [event && `event: ${event}`, id && `id: ${id}`, `data: ${JSON.stringify(data)}`];
  return `${lines.filter(Boolean).join('\n')}\n\n`;
}
