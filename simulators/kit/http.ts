import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { redactUrl } from './redact.ts';
import type { Fault, FaultKind, SimRequest, SimResponse, SimulatorKit } from './types.ts';

export interface VendorServerOptions {
  vendor: string;
  kit: SimulatorKit;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default: any free one. */
  port?: number;
  /** The vendor's own name of the call, also for calls that will be refused; `media:…` for a player's reads. */
  identify(req: SimRequest): string;
  handle(req: SimRequest, operation: string): SimResponse | Promise<SimResponse>;
  /** The vendor's own answer for the fault kinds that have one. */
  fail(kind: FaultKind, req: SimRequest, operation: string): SimResponse;
}

export interface VendorServer {
  /** `http://host:port`, no slash at the end. */
  url: string;
  port: number;
  /** Ends every connection, hanging ones too. */
  close(): Promise<void>;
}

/** What is logged when no answer went out. */
const noStatus = 0;
const maxBodyBytes = 64 * 1024 * 1024;
const defaultDelayMs = 1_000;

/**
 * One vendor's HTTP door: reads the body, puts faults in the way, logs every call with its secrets redacted.
 * A handler that throws is a bug of the simulator: it answers 500 and the log's note says why.
 */
export async function serveVendor(options: VendorServerOptions): Promise<VendorServer> {
  const closing = new AbortController();
  const server = createServer((incoming, outgoing) => {
    void exchange(options, incoming, outgoing, closing.signal);
  });
  // Clients keep connections alive between calls; none of them may see a reset that is not a fault.
  server.keepAliveTimeout = 60_000;
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, options.port ?? 0, host);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

async function exchange(
  options: VendorServerOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const at = Date.now();
  let operation = 'unknown';
  let fault: Fault | undefined;
  const log = (status: number, note?: string) =>
    options.kit.log.add({
      at,
      vendor: options.vendor,
      operation,
      method: incoming.method ?? '',
      url: redactUrl(incoming.url ?? ''),
      status,
      ...(fault && { fault: fault.kind }),
      ...(note && { note }),
    });
  try {
    const req = await readRequest(incoming);
    operation = options.identify(req);
    fault = options.kit.faults.take(options.vendor, operation);
    const answer = await answerWith(options, req, operation, fault, closing);
    log(answer === 'reset' || answer === 'hang' ? noStatus : answer.response.status);
    if (answer === 'reset') cut(incoming);
    else if (answer === 'hang') return;
    else if (answer.lost) cut(incoming);
    else send(outgoing, answer.response);
  } catch (error) {
    log(500, `simulator failed: ${error instanceof Error ? error.message : String(error)}`);
    if (outgoing.headersSent) outgoing.destroy();
    else send(outgoing, { status: 500, body: 'The simulator failed on this request; see the note in its log.\n' });
  }
}

type Answer = { response: SimResponse; lost?: boolean } | 'reset' | 'hang';

async function answerWith(
  { handle, fail }: VendorServerOptions,
  req: SimRequest,
  operation: string,
  fault: Fault | undefined,
  closing: AbortSignal,
): Promise<Answer> {
  if (!fault) return { response: await handle(req, operation) };
  switch (fault.kind) {
    case 'reset':
    case 'hang':
      return fault.kind;
    case 'lose-response':
      return { response: await handle(req, operation), lost: true };
    case 'delay': {
      const response = await handle(req, operation);
      await wait(fault.delayMs ?? defaultDelayMs, undefined, { signal: closing }).catch(() => undefined);
      return { response };
    }
    default:
      return { response: fail(fault.kind, req, operation) };
  }
}

async function readRequest(incoming: IncomingMessage): Promise<SimRequest> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBodyBytes) throw new Error(`the request body is larger than ${maxBodyBytes} bytes`);
    parts.push(part);
  }
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    url,
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: incoming.headers,
    body: Buffer.concat(parts),
  };
}

const cut = (incoming: IncomingMessage): void => {
  incoming.socket.resetAndDestroy();
};

function send(outgoing: ServerResponse, { status, headers = {}, body = '' }: SimResponse): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const bare = status === 204 || status === 304;
  outgoing.writeHead(status, { ...(bare ? {} : { 'content-length': String(bytes.length) }), ...headers });
  outgoing.end(bare ? undefined : bytes);
}
