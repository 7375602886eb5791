import type http from 'node:http';
import type { HttpClient } from '../vendors/http.ts';

/** One request as it went out and what came back, secrets and all. */
export interface WireExchange {
  method: string;
  /** Whole. */
  url: string;
  requestHeaders: http.OutgoingHttpHeaders;
  requestBody: Buffer;
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** The way to the vendor, with a hand on it. */
export interface Wire {
  http: HttpClient;
  /**
   * The next answer that something was done arrives here and is lost before the driver gets it; then `lost` is called. Until
   * `keepAnswers`: what was refused is given on, and so are answers to a request for a token.
   */
  loseNextAnswer(lost: () => void): void;
  keepAnswers(): void;
}

/** What gives a token: nothing of the contract, and its answer is a secret. */
export const signsIn = /\/(auth\/token|oauth2\/)/i;

/** Answers longer than this are media. */
const mostKeptBytes = 1024 * 1024;

/** Sees what every SDK and the driver's own requests exchange, through the agents that all of them use. */
export function watchWire(inner: HttpClient, seen: (exchange: WireExchange) => void): Wire {
  let losing: (() => void) | undefined;
  /** Asked when the answer is there. */
  const lose = (exchange: Pick<WireExchange, 'url' | 'status'>): boolean => {
    if (!losing || exchange.status >= 300 || signsIn.test(exchange.url)) return false;
    losing();
    losing = undefined;
    return true;
  };
  const watched = new WeakSet<http.Agent>();
  const watch = (agent: http.Agent): http.Agent => {
    // An agent of ours that serves two clients is watched once.
    if (watched.has(agent)) return agent;
    watched.add(agent);
    const inside = agent as http.Agent & { addRequest(request: http.ClientRequest, ...rest: unknown[]): void };
    const addRequest = inside.addRequest.bind(agent);
    inside.addRequest = (request, ...rest) => {
      follow(request, lose, seen);
      addRequest(request, ...rest);
    };
    return agent;
  };
  watch(inner.agent);
  return {
    http: { ...inner, agentTo: (ip) => watch(inner.agentTo(ip)) },
    loseNextAnswer: (lost) => {
      losing = lost;
    },
    keepAnswers: () => {
      losing = undefined;
    },
  };
}

function follow(
  request: http.ClientRequest,
  lose: (answered: Pick<WireExchange, 'url' | 'status'>) => boolean,
  seen: (exchange: WireExchange) => void,
): void {
  const sent = keepWritten(request);
  const emit = request.emit.bind(request) as (event: string | symbol, ...values: unknown[]) => boolean;
  request.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'response') return emit(event, ...values);
    const response = values[0] as http.IncomingMessage;
    const received = keepPushed(response);
    const { protocol, method } = request;
    const url = `${protocol}//${request.getHeader('host') ?? request.host}${request.path}`;
    const { statusCode: status = 0, headers } = response;
    const finished = () => {
      const requestHeaders = { ...request.getHeaders() };
      seen({ method, url, requestHeaders, requestBody: sent(), status, headers, body: received() });
    };
    response.once('end', finished);
    if (lose({ url, status })) return cut(request, response, emit);
    return emit(event, ...values);
  };
}

/** The vendor has answered; what the driver sees is a connection that broke. */
function cut(
  request: http.ClientRequest,
  response: http.IncomingMessage,
  emit: (event: string | symbol, ...values: unknown[]) => boolean,
): boolean {
  response.on('error', () => undefined);
  // A read on a connection that was kept open and closed meanwhile is asked again at once; this one was answered.
  request.reusedSocket = false;
  // The break is reported once.
  request.emit = (event: string | symbol, ...values: unknown[]) => event === 'error' || emit(event, ...values);
  const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
  response.once('close', () => emit('error', error));
  response.resume();
  return true;
}

/** What is written to a request, as it is written. */
function keepWritten(request: http.ClientRequest): () => Buffer {
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown, encoding: unknown) => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk, encodingOf(encoding)));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  for (const method of ['write', 'end'] as const) {
    const inner = request[method].bind(request) as (...values: unknown[]) => never;
    request[method] = (...values: unknown[]) => {
      // An end with a body writes it by a function of its own, not by `write`.
      keep(values[0], values[1]);
      return inner(...values);
    };
  }
  return () => Buffer.concat(chunks);
}

const encodingOf = (encoding: unknown): BufferEncoding =>
  typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';

/** What arrives, without reading it before its reader does. */
function keepPushed(response: http.IncomingMessage): () => Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const push = response.push.bind(response);
  response.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk instanceof Uint8Array && bytes <= mostKeptBytes) {
      chunks.push(Buffer.from(chunk));
      bytes += chunk.length;
    }
    return push(chunk, encoding);
  };
  return () => Buffer.concat(chunks);
}
