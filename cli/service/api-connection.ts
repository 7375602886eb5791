import { readFileSync } from 'node:fs';
import { InvalidPlanError, RefusedError } from '../../client/errors.ts';
import { orThrow } from '../../domain/configuration/checked.ts';
import type { Problem } from '../../domain/errors.ts';
import { fieldsOf } from '../../domain/json.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { readConfigFile } from '../../vendors/config.ts';
import { createHttp, type HttpClient, HttpError } from '../../vendors/http.ts';
import { readNetwork } from '../../vendors/network.ts';
import { UsageError } from '../io.ts';
import { sourcesWith } from '../sources.ts';

/** The API has no event or schedule of that name, or none that this caller may see. */
class NotFoundAtApiError extends UsageError {}

/** An answer about one event or schedule; where the API has none, it fails with the error of the caller. */
export async function answerAbout<T>(answer: Promise<T>, absent: (options: ErrorOptions) => Error): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof NotFoundAtApiError ? absent({ cause: error }) : error;
  }
}

export interface ApiAddress {
  url: string;
  token?: string;
}

export interface ApiFlags {
  api?: string;
  token?: string;
  address?: string;
  namespace?: string;
}

/** Where the API is, when commands are to use it; undefined when they use Temporal. */
export function apiAddressOf({ api, token, address, namespace }: ApiFlags): ApiAddress | undefined {
  // Who names Temporal means it, whatever the environment says.
  const url = api ?? (address === undefined && namespace === undefined ? process.env.SHOWCALLER_API : undefined);
  if (!url) {
    if (token !== undefined) throw new UsageError('--token is for the API: name it with --api, or in SHOWCALLER_API');
    return undefined;
  }
  if (api !== undefined && (address !== undefined || namespace !== undefined))
    throw new UsageError('--api and an address or namespace of Temporal are both given: give one of them');
  const given = token ?? process.env.SHOWCALLER_API_TOKEN ?? tokenIn(process.env.SHOWCALLER_API_TOKEN_FILE);
  return { url: checkedUrl(url), ...(given && { token: given.trim() }) };
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new UsageError(
      'the API must be an address such as https://shows.example, without user name, query or fragment',
    );
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new UsageError(`the API ${url.origin} must be https://: a token may cross no network in plain text`);
  return url.href.replace(/\/$/, '');
}

function tokenIn(file: string | undefined): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the token from ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Longer than the API itself gives its slowest answer, which is usage. */
const timeoutMs = 65_000;
const mostBytes = 32 * 1024 * 1024;

/** Requests to the API; what it refuses is thrown as the commands know it. */
export class ApiConnection {
  readonly #address: ApiAddress;
  readonly #http: HttpClient;

  constructor(address: ApiAddress) {
    this.#address = address;
    const sources = sourcesWith({});
    const file = orThrow(readConfigFile(sources));
    this.#http = createHttp(orThrow(readNetwork(file.network, sources)));
  }

  get<T>(path: string): Promise<T> {
    return this.send('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.send('POST', path, body);
  }

  close(): void {
    this.#http.close();
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { url, token } = this.#address;
    const request = {
      method,
      timeoutMs,
      maxBytes: mostBytes,
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const answer = await this.#http.send(`${url}${path}`, request).catch((error: unknown) => {
      const why = error instanceof HttpError ? error.message : String(error);
      throw new Error(`the API at ${url} could not be reached: ${why}`, { cause: error });
    });
    const document = jsonIn(answer.body);
    if (answer.status >= 400) throw refusalOf(answer.status, document, url);
    if (answer.status === 204) return undefined as T;
    if (answer.status >= 300 || document === undefined)
      throw new Error(`${url} answered ${answer.status} with what is no answer of the API: is the address right?`);
    return document as T;
  }
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** The token may not do that, or the state of the event does not allow it. */
const refusals = [403, 409];
/** The same request may succeed later: it arrived too slowly or too early, or too many came. */
const passing = [408, 425, 429];

/** An RFC 9457 document as the error that the same refusal is without the API. */
function refusalOf(status: number, document: unknown, url: string): Error {
  const {
    detail,
    problems = [],
    type,
  } = fieldsOf(document) as { detail?: string; problems?: Problem[]; type?: string };
  if (detail === undefined) return new Error(`${url} answered ${status}, without a reason: is it the API?`);
  if (type === 'urn:showcaller:problem:invalid-plan') return new InvalidPlanError(problems);
  if (type === 'urn:showcaller:problem:not-found') return new NotFoundAtApiError(detail);
  if (status === 401) return new RefusedError(`${detail} (--token, or SHOWCALLER_API_TOKEN)`);
  const reasons = [detail, ...problems.map(({ path, message }) => `${path}: ${message}`)].join('; ');
  if (refusals.includes(status)) return new RefusedError(reasons);
  return status >= 500 || passing.includes(status) ? new Error(reasons) : new UsageError(reasons);
}
