import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTHeaderParameters } from 'jose';
import { keepNewest } from '../../domain/keep-newest.ts';
import type { HttpClient } from '../../vendors/http.ts';
import { type HttpProblem, unavailable } from '../http/problem.ts';

const timeoutMs = 5_000;
/** Much larger than any key document (JWKS). Bytes. */
const maxBytes = 1024 * 1024;
/** The issuer is called at most once in this time, however many tokens arrive, and whether it answers or not. */
const pauseMs = 5_000;
/** Keys that are older are fetched again. */
const freshForMs = 10 * 60_000;
/** Keys that are older no longer count, also when the issuer does not answer: it may have withdrawn one. */
const countForMs = 60 * 60_000;
/** How often in an hour a key that is not known makes us call the issuer: so many at once, and then one a minute. */
const mostLooks = 5;
const lookEveryMs = 60_000;
/** How long an issuer may sign with a new key before it publishes it. */
const publishedWithinMs = 60_000;
const mostUnknownKeys = 1_000;

type GetKey = ReturnType<typeof createLocalJWKSet>;
export type IssuerKey = Awaited<ReturnType<GetKey>>;

/**
 * The keys of a token issuer, found by its discovery document. A token whose key is known is checked at once, whatever the
 * issuer does and however many tokens come whose keys are not: keys are fetched anew beside that.
 */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #http: HttpClient;
  #address: URL | undefined;
  #known: { get: GetKey; at: number } | undefined;
  #fetching: Promise<void> | undefined;
  /** When the issuer was last called, on the clock of `performance`. */
  #calledAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #looksLeft = mostLooks;
  #looksAt = performance.now();
  /** When each key that the issuer does not publish was first named. */
  readonly #unknown = new Map<string, number>();

  constructor(issuer: string, http: HttpClient) {
    this.#issuer = issuer;
    this.#http = http;
  }

  /**
   * The key of a token.
   *
   * @throws HttpProblem 503 when the issuer does not answer.
   * @throws JWKSNoMatchingKey when the issuer publishes no such key.
   */
  async get(header: JWTHeaderParameters): Promise<IssuerKey> {
    if (this.#age() >= countForMs) {
      this.#known = undefined;
      await this.#fetch();
    } else if (this.#age() >= freshForMs && performance.now() - this.#calledAt >= lookEveryMs) void this.#fetch();
    if (!this.#known) throw this.#unavailable();
    const before = this.#known;
    try {
      return await before.get(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (this.#fetching || this.#mayLook()) await this.#fetch();
      if (this.#failure !== undefined) throw this.#unavailable();
      if (this.#known === before) throw error;
      return await this.#known.get(header);
    }
  }

  /** Whether a key that the issuer does not publish may be one that it is about to publish. */
  mayBeNew(kid = ''): boolean {
    const now = performance.now();
    const first = this.#unknown.get(kid) ?? now;
    this.#unknown.set(kid, first);
    keepNewest(this.#unknown, mostUnknownKeys);
    // Only what was looked for in vain after that time is not published.
    return (this.#known?.at ?? first) - first < publishedWithinMs;
  }

  #age(): number {
    return performance.now() - (this.#known?.at ?? Number.NEGATIVE_INFINITY);
  }

  /** Whether to look for a key that is not known: forged tokens must not make us call the issuer until it refuses us. */
  #mayLook(): boolean {
    const now = performance.now();
    if (now - this.#calledAt < pauseMs) return false;
    const earned = Math.floor((now - this.#looksAt) / lookEveryMs);
    this.#looksLeft = Math.min(mostLooks, this.#looksLeft + earned);
    this.#looksAt += earned * lookEveryMs;
    if (this.#looksLeft === 0) return false;
    this.#looksLeft -= 1;
    return true;
  }

  /** Fetches the keys, unless the issuer was called a moment ago. Never rejects. */
  async #fetch(): Promise<void> {
    if (!this.#fetching) {
      if (performance.now() - this.#calledAt < pauseMs) return;
      this.#calledAt = performance.now();
      this.#fetching = this.#fetched().finally(() => {
        this.#fetching = undefined;
      });
    }
    await this.#fetching;
  }

  async #fetched(): Promise<void> {
    const at = performance.now();
    try {
      this.#address ??= new URL(String((await discover(this.#issuer, this.#http)).jwks_uri));
      this.#known = { get: createLocalJWKSet(await keysAt(this.#address, this.#issuer, this.#http)), at };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      this.#address = undefined;
    }
  }

  #unavailable(): HttpProblem {
    const cause = this.#failure;
    return unavailable('cannot fetch the signing keys (JWKS) of the token issuer; retry later', { cause });
  }
}

/** What an issuer says of itself: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
interface Discovered {
  jwks_uri?: unknown;
  authorization_endpoint?: unknown;
  token_endpoint?: unknown;
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
export async function discover(issuer: string, http: HttpClient): Promise<Discovered> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { status, body } = await http.send(address, { timeoutMs, maxBytes });
  if (status !== 200) throw new Error(`${address} answers ${status}`);
  const found = JSON.parse(body.toString('utf8')) as Discovered & { issuer?: unknown };
  if (found.issuer !== issuer) throw new Error(`${address} names another issuer`);
  return found;
}

async function keysAt(address: URL, issuer: string, http: HttpClient): Promise<JSONWebKeySet> {
  // The configuration names the issuer; where its keys are, only its document says.
  const fromOutside = address.origin !== new URL(issuer).origin;
  const headers = { accept: 'application/json, application/jwk-set+json' };
  const { status, body } = await http.send(address.href, { headers, timeoutMs, maxBytes, fromOutside });
  if (status !== 200) throw new Error(`${address.origin} answers ${status} for its keys`);
  return JSON.parse(body.toString('utf8')) as JSONWebKeySet;
}
