import type { SimRequest } from '../kit/types.ts';
import type { Callbacks } from './callbacks.ts';
import { Refusal } from './errors.ts';
import type { Recordings } from './recording.ts';
import type { AccountOptions, LiveAccount, StreamName } from './state.ts';

export interface RouteContext {
  account: LiveAccount;
  recordings: Recordings;
  callbacks: Callbacks;
}

/** Gives the Result of the call, or nothing where the vendor sends none. */
export type Route = (params: Params, context: RouteContext) => object | undefined | Promise<object | undefined>;

/** documented(https://www.volcengine.com/docs/6469/1126875) */
const appPattern = /^[A-Za-z0-9_.-]{1,30}$/;
const streamPattern = /^[A-Za-z0-9_.-]{1,100}$/;

/** The parameters of one call: in the query for reads, in a JSON body for changes. documented(https://www.volcengine.com/docs/6469/1126844) */
export class Params {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #options: AccountOptions;

  constructor(req: SimRequest, options: AccountOptions) {
    this.#options = options;
    this.#values = { ...Object.fromEntries(req.query), ...bodyOf(req) };
  }

  /** Undefined when absent or empty, which is what some clients send for absent. */
  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw new Refusal('InvalidParam.BindError');
    return value;
  }

  /** documented(https://www.volcengine.com/docs/6448/76370) */
  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new Refusal('MissingParameter', `The required parameter ${name} is missing.`);
    return value;
  }

  /** documented(https://www.volcengine.com/docs/6469/1126877): integers, though the page's own example quotes them. */
  optionalInteger(name: string): number | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null || value === '') return undefined;
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) throw new Refusal('InvalidParam.BindError');
    return number;
  }

  /** A whole number from 1 on. */
  countIn(name: string, max: number, fallback?: number): number {
    const value = this.optionalInteger(name) ?? fallback;
    if (value === undefined) throw new Refusal('MissingParameter', `The required parameter ${name} is missing.`);
    if (value < 1 || value > max)
      throw new Refusal('InvalidParam.OutOfRange', `${name} should be between 1 and ${max}`);
    return value;
  }

  optionalList(name: string): unknown[] | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw new Refusal('InvalidParam.BindError');
    return value;
  }

  record(name: string): Record<string, unknown> {
    const value = this.#values[name];
    if (!isRecord(value)) throw new Refusal('MissingParameter', `The required parameter ${name} is missing.`);
    return value;
  }

  /** An RFC 3339 instant in epoch milliseconds. */
  optionalInstant(name: string): number | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(at)) throw new Refusal('InvalidParam.Format', `${name} format error`);
    return at;
  }

  instant(name: string): number {
    this.text(name);
    return this.optionalInstant(name) ?? Number.NaN;
  }

  streamName(): StreamName {
    return { app: this.named('App', appPattern), stream: this.named('Stream', streamPattern) };
  }

  /** documented(https://www.volcengine.com/docs/6469/1126872) */
  optionalApp(): string | undefined {
    return this.optionalText('App') === undefined ? undefined : this.named('App', appPattern);
  }

  /** documented(https://docs.byteplus.com/api/docs/byteplus-media-live/docs-createrecordpresetv2-2023) */
  optionalStream(): string | undefined {
    return this.optionalText('Stream') === undefined ? undefined : this.named('Stream', streamPattern);
  }

  named(name: string, pattern: RegExp): string {
    const value = this.text(name);
    if (!pattern.test(value)) throw new Refusal('InvalidParam.Format', `${name} format error`);
    return value;
  }

  vhost(): void {
    this.#mustBe(this.text('Vhost'), [this.#options.vhost]);
  }

  /** For the listings, which take any of them or none. */
  optionalScope(): void {
    const { vhost, pushDomain, pullDomain } = this.#options;
    const given = this.optionalText('Vhost');
    if (given) this.#mustBe(given, [vhost]);
    const domain = this.optionalText('Domain');
    if (domain) this.#mustBe(domain, [pushDomain, pullDomain]);
  }

  /** documented(https://www.volcengine.com/docs/6469/1126845): one of them and only one. */
  vhostOrDomain(): void {
    if (Boolean(this.optionalText('Vhost')) === Boolean(this.optionalText('Domain')))
      throw new Refusal('InvalidParam', 'Exactly one of Vhost and Domain must be given.');
    this.optionalScope();
  }

  domain(): string {
    const domain = this.text('Domain');
    this.#mustBe(domain, [this.#options.pushDomain, this.#options.pullDomain]);
    return domain;
  }

  /** documented(https://www.volcengine.com/docs/6469/1126844): what the account does not have is forbidden, not missing. */
  #mustBe(given: string, allowed: readonly string[]): void {
    if (!allowed.includes(given)) throw new Refusal('RequestForbidden');
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function bodyOf(req: SimRequest): Record<string, unknown> {
  if (req.body.length === 0) return {};
  try {
    const body: unknown = JSON.parse(req.body.toString('utf8'));
    if (isRecord(body)) return body;
  } catch {
    // Falls through: what is not JSON is refused like JSON of another shape.
  }
  throw new Refusal('InvalidParam.BindError');
}

/** One page of a list, counted from 1. */
export const pageOf = <T>(items: readonly T[], page: number, size: number): T[] =>
  items.slice((page - 1) * size, page * size);

/** documented(https://www.volcengine.com/docs/6469/1126878) */
export const pagination = (total: number, page: number, size: number) => ({
  PageCur: page,
  PageSize: size,
  PageTotal: Math.ceil(total / size),
  TotalCount: total,
});

/** RFC 3339 in UTC, whole seconds. */
export const rfc3339 = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
