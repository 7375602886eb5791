import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import type { HttpClient } from '../../vendors/http.ts';
import { type HttpProblem, unavailable } from '../http/problem.ts';

const timeoutMs = 5_000;
/** Much larger than any key document (JWKS). Bytes. */
const maxBytes = 1024 * 1024;
/** The issuer is called at most once in this time, however many tokens arrive, and whether it answers or not. */
const pauseMs = 5_000;
/** How long an issuer may sign with a new key before it publishes it. */
const publishedWithinMs = 60_000;
const mostUnknownKeys = 1_000;

/**
 * The keys of a token issuer, found by its discovery document: asked for at the first token, again when they are ten
 * minutes old or when a token names another key.
 */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #http: HttpClient;
  #remote: RemoteKeys | undefined;
  #discovering: Promise<RemoteKeys> | undefined;
  /** Until when the issuer is left alone after a failure, on the clock of `performance`. */
  #failedUntil = 0;
  #failure: unknown;
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
  readonly get: JWTVerifyGetKey = async (header, token) => {
    if (performance.now() < this.#failedUntil) return this.#known(header, token);
    try {
      return await (await this.#discovered())(header, token);
    } catch (error) {
      if (isOfTheToken(error)) throw error;
      this.#failure = error;
      this.#failedUntil = performance.now() + pauseMs;
      throw this.#unavailable();
    }
  };

  /** The key among those fetched last: tokens with a known key stay valid while the issuer is down. */
  async #known(...[header, token]: Parameters<JWTVerifyGetKey>): Promise<Awaited<ReturnType<JWTVerifyGetKey>>> {
    const keys = this.#remote?.fresh ? this.#remote.jwks() : undefined;
    if (!keys) throw this.#unavailable();
    try {
      return await createLocalJWKSet(keys)(header, token);
    } catch (error) {
      throw error instanceof errors.JWKSNoMatchingKey ? this.#unavailable() : error;
    }
  }

  /** Whether a key that the issuer does not publish may be one that it is about to publish. */
  mayBeNew(kid = ''): boolean {
    const now = performance.now();
    const first = this.#unknown.get(kid) ?? now;
    this.#unknown.set(kid, first);
    for (const oldest of this.#unknown.keys()) {
      if (this.#unknown.size <= mostUnknownKeys) break;
      this.#unknown.delete(oldest);
    }
    return now - first < publishedWithinMs;
  }

  async #discovered(): Promise<RemoteKeys> {
    if (this.#remote) return this.#remote;
    this.#discovering ??= discover(this.#issuer, this.#http).finally(() => {
      this.#discovering = undefined;
    });
    this.#remote = await this.#discovering;
    return this.#remote;
  }

  #unavailable(): HttpProblem {
    const cause = this.#failure;
    return unavailable('cannot fetch the signing keys (JWKS) of the token issuer; retry later', { cause });
  }
}

type RemoteKeys = ReturnType<typeof createRemoteJWKSet>;

/** Whether the token is wrong; any other error is about fetching the keys. */
const isOfTheToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) &&
  error.code !== 'ERR_JOSE_GENERIC';

async function discover(issuer: string, http: HttpClient): Promise<RemoteKeys> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { status, body } = await http.send(address, { timeoutMs, maxBytes });
  if (status !== 200) throw new Error(`${address} answers ${status}`);
  const found = JSON.parse(body.toString('utf8')) as { issuer?: unknown; jwks_uri?: unknown };
  if (found.issuer !== issuer) throw new Error(`${address} names another issuer`);
  const jwks = new URL(String(found.jwks_uri));
  // The configuration names the issuer; where its keys are, only its document says.
  const fromOutside = jwks.origin !== new URL(issuer).origin;
  return createRemoteJWKSet(jwks, {
    timeoutDuration: timeoutMs,
    cooldownDuration: pauseMs,
    [customFetch]: async (url, { headers }) => {
      const sent = Object.fromEntries(new Headers(headers));
      const answer = await http.send(url, { headers: sent, timeoutMs, maxBytes, fromOutside });
      return new Response(answer.body.toString('utf8'), { status: answer.status });
    },
  });
}
