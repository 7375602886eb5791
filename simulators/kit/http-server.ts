import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimRequest, SimResponse } from './types.ts';

/** What happens to a connection instead of a response. */
export type NoResponse = 'reset' | 'hang';

export interface HttpServerOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default: any free one. */
  port?: number;
  /** `closing` aborts when the server closes. Must not reject: then the request gets no answer. */
  respond(req: SimRequest, closing: AbortSignal): Promise<SimResponse | NoResponse>;
}

export interface RunningHttpServer {
  /** `http://host:port`, no slash at the end. */
  url: string;
  port: number;
  /** Ends every connection, hanging ones too. */
  close(): Promise<void>;
}

const maxBodyBytes = 64 * 1024 * 1024;
/** Longer than any client keeps one: no client may see a reset that is not a fault. */
const keepAliveMs = 60_000;

export async function startHttpServer({
  host = '127.0.0.1',
  port = 0,
  respond,
}: HttpServerOptions): Promise<RunningHttpServer> {
  const closing = new AbortController();
  const server = createServer((incoming, outgoing) => {
    void exchange(incoming, outgoing, (req) => respond(req, closing.signal));
  });
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function exchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  respond: (req: SimRequest) => Promise<SimResponse | NoResponse>,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === 'gone') return;
  const answer: SimResponse | NoResponse =
    body === 'too large' ? { status: 413 } : await respond(requestOf(incoming, body));
  if (answer === 'hang') return;
  if (answer === 'reset') incoming.socket.resetAndDestroy();
  else send(outgoing, answer);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | 'too large' | 'gone'> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of incoming as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes <= maxBodyBytes) parts.push(part);
    }
  } catch {
    return 'gone';
  }
  return bytes > maxBodyBytes ? 'too large' : Buffer.concat(parts);
}

function requestOf(incoming: IncomingMessage, body: Buffer): SimRequest {
  const url = incoming.url ?? '/';
  const index = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    url,
    path: index < 0 ? url : url.slice(0, index),
    query: new URLSearchParams(index < 0 ? '' : url.slice(index + 1)),
    headers: incoming.headers,
    body,
  };
}

function send(outgoing: ServerResponse, { status, headers = {}, body = '', stream }: SimResponse): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const bodiless = status === 204 || status === 304;
  // The simulator's clock is this one; Node's own header would be of the machine's, also in virtual time.
  outgoing.setHeader('date', new Date().toUTCString());
  if (stream) {
    outgoing.writeHead(status, headers);
    stream(outgoing);
    return;
  }
  outgoing.writeHead(status, { ...(bodiless ? {} : { 'content-length': String(bytes.length) }), ...headers });
  outgoing.end(bodiless ? undefined : bytes);
}
