import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Limits } from '../limits.ts';
import { unavailable } from './problem.ts';

export interface StreamEvent {
  /** Default: no name, a message. */
  event?: string;
  id?: string;
  data: unknown;
}

/** One viewer's stream. Sending into one that is closed does nothing. */
export interface EventStream {
  send(event: StreamEvent): void;
  end(): void;
  /** Called once, however it ended. */
  onClose(listener: () => void): void;
}

/** A viewer that takes no more than this is gone, or would take our memory. Bytes. */
const maxUnsent = 1024 * 1024;
/** How long a viewer waits before it asks again. Milliseconds. */
const retryMs = 3_000;

/** The streams that are open, so that all of them can be ended. */
export class OpenStreams {
  readonly #open = new Set<EventStream>();
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  endAll(): void {
    for (const stream of this.#open) stream.end();
  }

  /** @throws HttpProblem 503 when there are too many. */
  checkRoom(): void {
    if (this.#open.size < this.#limits.streams) return;
    throw unavailable(`${this.#open.size} streams are open: close some, or try again`);
  }

  /** Answers the request with a stream. At each heartbeat the viewer is asked for again; one that fails ends it. */
  begin(request: FastifyRequest, reply: FastifyReply, stillAllowed: () => Promise<unknown>): EventStream {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // Kept open after its end, it would hold up a shutdown.
      connection: 'close',
    });
    const write = (text: string) => {
      if (raw.writableEnded || raw.destroyed) return;
      raw.write(text);
      if (raw.writableLength > maxUnsent) raw.destroy();
    };
    const stream: EventStream = {
      send: (event) => write(textOf(event)),
      end: () => raw.end(),
      // A viewer may have left while it was found out what to tell.
      onClose: (listener) => (raw.closed ? listener() : raw.once('close', listener)),
    };
    write(`retry: ${retryMs}\n\n`);
    const heartbeat = setInterval(() => {
      write(': still here\n\n');
      stillAllowed().catch((error: unknown) => {
        request.log.info({ err: error }, 'a stream is ended: its viewer is not known any more');
        stream.end();
      });
    }, this.#limits.heartbeatMs);
    this.#open.add(stream);
    stream.onClose(() => {
      clearInterval(heartbeat);
      this.#open.delete(stream);
    });
    return stream;
  }
}

/** JSON has no line breaks of its own, so one data line is enough. */
function textOf({ event, id, data }: StreamEvent): string {
  const lines = [event && `event: ${event}`, id && `id: ${id}`, `data: ${JSON.stringify(data)}`];
  return `${lines.filter(Boolean).join('\n')}\n\n`;
}
