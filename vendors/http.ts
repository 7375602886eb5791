import { lookup as resolveName } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { VendorError } from '../domain/errors.ts';
import { addressRules, bareHost, isPrivateName, privateNameText, whyNotUrl } from './addresses.ts';
import { type Agents, agentsOf } from './agents.ts';
import type { ByteRange, VodFile } from './driver.ts';
import { directNetwork, type Network } from './network.ts';

/** The one way to other machines over HTTP for everything that is not an SDK's own transport. */
export interface HttpClient {
  /** One request; a redirect is an answer like others. Rejects with an `HttpError` when there is no answer. */
  send(url: string, request: HttpRequest): Promise<HttpAnswer>;
  /**
   * A file as a player gets it: redirects are followed, every status is an answer, and no more is read than was asked.
   * An address that must not be asked, here or after a redirect, is an answer too: `refused` says why.
   */
  get(url: string, request: FileRequest): Promise<VodFile>;
  /** Why an address from outside may not be asked, as far as it can be said without resolving its name. */
  whyNot(url: URL): string | undefined;
  /**
   * An address of a host for a connection that is not HTTP, under the rules for addresses from outside.
   *
   * @throws HttpError when the host must not be reached
   */
  addressOf(host: string): Promise<string>;
  /** For the transports of SDKs: the same proxies and certificates. */
  agent: http.Agent;
  /** The certificates that are trusted instead of the usual ones, for a connection that is not HTTP; absent for the usual. */
  ca?: readonly string[];
  /** For the transports of SDKs: connections to one IP address, whatever host a request names. */
  agentTo(ip: string): http.Agent;
  /** Closes connections that are kept open. */
  close(): void;
}

interface RequestLimits {
  /** For the whole exchange, redirects and body included. */
  timeoutMs: number;
  /** More of a body is not read. Default 64 MiB. */
  maxBytes?: number;
  cancelled?: AbortSignal;
}

export interface HttpRequest extends RequestLimits {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** The address came from outside: only public addresses are asked, and those that the configuration allows. */
  fromOutside?: boolean;
}

export interface FileRequest extends RequestLimits {
  range?: ByteRange;
  /** Addresses that the configuration or the vendor itself gave: their origins are asked wherever they are. */
  trusted?: readonly (string | undefined)[];
  /** Entity tag of what is known already: 304 when it is still that. */
  ifNoneMatch?: string | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  /** The body was longer than what was read. */
  cutOff: boolean;
}

/** No answer: `TimeoutError`, `AddressRefusedError`, or whatever the connection failed by, with its code. */
export class HttpError extends Error {
  override readonly name: string;
  readonly code: string | undefined;

  constructor(
    name: 'TimeoutError' | 'AddressRefusedError' | 'ConnectionError',
    message: string,
    options: HttpErrorOptions,
  ) {
    super(message, options);
    this.name = name;
    this.code = options.code;
  }
}

interface HttpErrorOptions extends ErrorOptions {
  code?: string;
}

/** Every address of a name. */
export type Resolve = (name: string) => Promise<{ address: string; family: number }[]>;

const systemResolve: Resolve = (name) => resolveName(name, { all: true, verbatim: true });

const usualMaxBytes = 64 * 1024 * 1024;
/** A server that ignores the range sends everything from the start; this much of it is read in search of the range. */
const mostBeforeRange = 4 * 1024 * 1024;
const mostRedirects = 5;

export function createHttp(network: Network = directNetwork, resolve: Resolve = systemResolve): HttpClient {
  const rules = addressRules(network.privateNetworks);
  // Which one stays unsaid: a caller may have any name resolved here.
  const whyNotAll = (addresses: readonly { address: string }[]) =>
    addresses.some(({ address }) => rules.whyNot(address) !== undefined)
      ? 'the name leads to an address that is not public'
      : undefined;
  const open = agentsOf(network, lookupBy(resolve));
  const fixed: Agents[] = [];
  // A connection that was made without a look at its address must not serve a request that needs one.
  const guarded = agentsOf(network, lookupBy(resolve, whyNotAll), { pinned: !network.proxyResolves });

  /** Elsewhere names are looked at where they are resolved, so that they cannot change in between. */
  const whyNotViaProxy = async (url: URL): Promise<string | undefined> => {
    const host = bareHost(url.hostname);
    if (!network.proxyResolves || isIP(host) !== 0 || !guarded.usesProxy(url)) return undefined;
    // The proxy resolves it once more. A name that it alone knows is its own affair.
    const addresses = await resolve(host).catch(() => undefined);
    if (addresses) return whyNotAll(addresses);
    return isPrivateName(host) ? privateNameText(host) : undefined;
  };

  const sendOnce = async (url: URL, request: Exchange, deadline: Deadline): Promise<HttpAnswer> => {
    const why = request.fromOutside ? (whyNotUrl(url, rules) ?? (await whyNotViaProxy(url))) : undefined;
    if (why !== undefined) throw new HttpError('AddressRefusedError', why, {});
    return exchange(url, request, request.fromOutside ? guarded.agent : open.agent, deadline);
  };

  return {
    send: (url, request) => within(request, (deadline) => sendOnce(new URL(url), request, deadline)),
    get: (url, { range, trusted = [], ifNoneMatch, maxBytes = usualMaxBytes, ...limits }) =>
      within(limits, async (deadline) => {
        const origins = new Set(trusted.flatMap((one) => (one ? new URL(one).origin : [])));
        let at = new URL(url);
        for (let redirects = 0; ; redirects += 1) {
          const headers = { ...rangeHeader(range), ...(ifNoneMatch && { 'if-none-match': ifNoneMatch }) };
          const request = { ...limits, headers, most: mostOf(range, maxBytes) };
          const answer = await sendOnce(at, { ...request, fromOutside: !origins.has(at.origin) }, deadline).catch(
            (error: unknown) => refusalIn(error),
          );
          if (typeof answer === 'string') return refusedFile(redirects === 0 ? answer : `is redirected, and ${answer}`);
          const next = redirectOf(answer, at);
          if (next === undefined) return { ...fileOf(answer), ...(redirects > 0 && { url: at.href }) };
          if (typeof next === 'string') return refusedFile(next);
          if (redirects === mostRedirects) return refusedFile(`is redirected more than ${mostRedirects} times`);
          at = next;
        }
      }),
    whyNot: (url) => whyNotUrl(url, rules),
    addressOf: async (host) => {
      if (isIP(host) === 0 && isPrivateName(host) && !rules.allowsPrivate)
        throw new HttpError('AddressRefusedError', privateNameText(host), {});
      const addresses = isIP(host) === 0 ? await resolve(host) : [{ address: host }];
      const [first] = addresses;
      const why = whyNotAll(addresses);
      if (!first || why !== undefined) throw new HttpError('AddressRefusedError', why ?? `${host} has no address`, {});
      return first.address;
    },
    agent: open.agent,
    ...(network.ca && { ca: network.ca }),
    agentTo: (ip) => {
      // A proxy would be given the name and find another address.
      const agents = agentsOf(
        { ...network, proxies: {} },
        lookupBy(async () => [{ address: ip, family: isIP(ip) }]),
      );
      fixed.push(agents);
      return agents.agent;
    },
    close: () => {
      for (const agents of [open, guarded, ...fixed]) agents.close();
    },
  };
}

type Deadline = AbortSignal;

/**
 * One time limit over everything that `work` does. The controller is held until then: on Node 20 a signal without a
 * reference is collected, what it should abort continues for ever, and `AbortSignal.any` makes such signals. With that, the
 * abort alone is enough, also while a body streams (test/unit/vendors/http.test.ts).
 */
export async function within<T>(
  { timeoutMs, cancelled }: RequestLimits,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const late = () =>
    limit.abort(new HttpError('TimeoutError', `no whole answer within ${timeoutMs} ms`, { code: 'ETIMEDOUT' }));
  const timer = setTimeout(late, timeoutMs);
  const onCancelled = () => limit.abort(cancelled?.reason);
  cancelled?.addEventListener('abort', onCancelled, { once: true });
  try {
    if (cancelled?.aborted) throw cancelled.reason;
    return await work(limit.signal);
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    clearTimeout(timer);
    cancelled?.removeEventListener('abort', onCancelled);
  }
}

interface Exchange extends HttpRequest {
  most?: (status: number) => number;
}

function exchange(url: URL, request: Exchange, agent: http.Agent, signal: Deadline): Promise<HttpAnswer> {
  const { method = 'GET', headers, body, maxBytes = usualMaxBytes, most = () => maxBytes } = request;
  const protocol = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    // A connection that was kept open may be closed by the other side just as it is used again.
    const failed = (error: unknown) =>
      method === 'GET' && call.reusedSocket && failureOf(error).code === 'ECONNRESET'
        ? resolve(exchange(url, request, agent, signal))
        : reject(connectionError(error));
    // Compressed, a few bytes can be a great many.
    const sent = { 'user-agent': 'showcaller', ...headers, 'accept-encoding': 'identity' };
    const call = protocol.request(url, { method, agent, signal, headers: sent }, (response) => {
      const { statusCode: status = 0, headers: received } = response;
      bounded(response, most(status)).then((read) => resolve({ status, headers: received, ...read }), failed);
    });
    call.once('error', failed);
    call.end(body);
  });
}

/** The answer of a store whose SDK throws it: a store in trouble is a status, as with a player's GET. */
export function statusAnswer(error: unknown): VodFile {
  const { httpStatus: status = 0, code } = error instanceof VendorError ? error.facts : {};
  if (code === 'NoSuchKey' || status === 416 || status === 429 || status >= 500) {
    return { status, contentType: '', body: new Uint8Array() };
  }
  throw error;
}

/** A file that the SDK of a store answers with: as much of its body as was asked for. */
export async function readFile(
  { status, headers, body }: { status: number; headers: http.IncomingHttpHeaders; body: Readable },
  range?: ByteRange,
): Promise<VodFile> {
  return fileOf({ status, headers, ...(await bounded(body, mostOf(range, usualMaxBytes)(status))) });
}

/** The first `limit` bytes of a body; the rest is not waited for. */
async function bounded(body: Readable, limit: number): Promise<{ body: Buffer; cutOff: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop destroys the stream, and with it the connection.
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, limit), cutOff: length > limit };
}

function connectionError(error: unknown): Error {
  if (error instanceof HttpError) return error;
  const { code, message } = failureOf(error);
  return new HttpError('ConnectionError', message, { cause: error, ...(code !== undefined && { code }) });
}

/** Resolves a name once, and connects to what was looked at. */
function lookupBy(
  resolve: Resolve,
  whyNot: (addresses: { address: string }[]) => string | undefined = () => undefined,
): LookupFunction {
  return (name, options, callback) => {
    resolve(name).then(
      (addresses) => {
        const why = whyNot(addresses);
        const [first] = addresses;
        if (why !== undefined) callback(new HttpError('AddressRefusedError', `${name}: ${why}`, {}), '', 0);
        else if (options.all) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family ?? 0);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

export const rangeHeader = (range: ByteRange | undefined): Record<string, string> =>
  range ? { range: `bytes=${range.start}-${range.end}` } : {};

/** How much of a body is read, by the status of its answer. */
function mostOf(range: ByteRange | undefined, maxBytes: number): (status: number) => number {
  if (!range) return () => maxBytes;
  // A playlist says how long its ranges are.
  const length = Math.min(range.end - range.start + 1, maxBytes);
  return (status) => (status === 206 ? length : Math.min(range.end + 1, Math.max(mostBeforeRange, length)));
}

/** Where a redirect leads; a text where it leads to no HTTP address; undefined for answers that are none. */
function redirectOf({ status, headers }: HttpAnswer, from: URL): URL | string | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  return to && /^https?:$/.test(to.protocol) ? to : 'is redirected to what is no HTTP address';
}

function refusalIn(error: unknown): string {
  const { refused } = failureOf(error);
  if (refused !== undefined) return refused;
  throw error;
}

const refusedFile = (refused: string): VodFile => ({ status: 0, contentType: '', body: new Uint8Array(), refused });

function fileOf({ status, headers, body, cutOff }: HttpAnswer): VodFile {
  const ofRange = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  const stated = ofRange ?? (status === 200 ? headers['content-length'] : undefined);
  const totalBytes = stated !== undefined ? Number(stated) : status === 200 && !cutOff ? body.length : undefined;
  return {
    status,
    contentType: headers['content-type'] ?? '',
    ...(headers.etag && { etag: headers.etag }),
    body: Uint8Array.from(body),
    ...(totalBytes !== undefined && { totalBytes }),
    ...(cutOff && { cutOff }),
  };
}

interface Failure {
  code?: string;
  message: string;
  /** We did not ask: why. */
  refused?: string;
  /** The words are the system's or a proxy's: they name an operation and a machine, and nothing else. */
  ofSystem: boolean;
}

/** `connect ECONNREFUSED 10.0.0.1:443`, which some SDKs copy without what else the system's error says. */
const systemWords = /^(connect|getaddrinfo|read|write) E[A-Z]+/;

/** What a failure comes down to: the innermost code and words, which wrappers hide; `refused` where we did not ask. */
export function failureOf(error: unknown): Failure {
  let code: string | undefined;
  let message = '';
  let ofSystem = false;
  for (let at: unknown = error; at instanceof Error; at = at instanceof AggregateError ? at.errors[0] : at.cause) {
    if (at.name === 'AddressRefusedError') return { message: at.message, refused: at.message, ofSystem };
    if ('code' in at && typeof at.code === 'string') code = at.code;
    if (at.message !== '') message = at.message;
    ofSystem = 'syscall' in at || systemWords.test(at.message) || code === 'ERR_PROXY_REFUSED';
  }
  return { ...(code !== undefined && { code }), message: message || String(error), ofSystem };
}
