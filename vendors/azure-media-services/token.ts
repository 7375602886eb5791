import type { JsonObject } from '../../domain/json.ts';
import type { Caller } from '../call.ts';
import type { HttpClient } from '../http.ts';
import { signingOffsetMs } from '../vendor-clock.ts';

/** A token as it comes, and for how long it counts from then on, milliseconds. */
export interface IssuedToken {
  token: string;
  lastsMs: number;
}

/** Renewed this long before it expires, so that no call leaves with a token that dies on the way. */
const renewAheadMs = 60_000;

/**
 * A credential that keeps its token until shortly before it expires, or a call was refused with it. How long that is goes by the
 * monotonic clock: a token that came while this machine's clock was an hour ahead is not believed for an hour too long. The SDK, which
 * would keep it by the machine's clock, gets an expiry that has passed, and so asks here each time.
 */
export class HeldToken {
  readonly #issue: () => Promise<IssuedToken>;
  readonly #elapsed: () => number;
  #held: { token: string; until: number } | undefined;
  #coming: Promise<string> | undefined;

  /** @param elapsed the monotonic clock, milliseconds */
  constructor(issue: () => Promise<IssuedToken>, elapsed: () => number = () => performance.now()) {
    this.#issue = issue;
    this.#elapsed = elapsed;
  }

  /** Whether a call now would go out with a token that came for another. */
  get isHeld(): boolean {
    return this.#held !== undefined && this.#elapsed() < this.#held.until;
  }

  async getToken(): Promise<{ token: string; expiresOnTimestamp: number }> {
    return { token: await this.#current(), expiresOnTimestamp: 0 };
  }

  /** The vendor refused a call with it. */
  forget(): void {
    this.#held = undefined;
  }

  #current(): Promise<string> {
    if (this.#held && this.isHeld) return Promise.resolve(this.#held.token);
    this.#coming ??= this.#renewed().finally(() => {
      this.#coming = undefined;
    });
    return this.#coming;
  }

  async #renewed(): Promise<string> {
    const askedAt = this.#elapsed();
    const { token, lastsMs } = await this.#issue();
    this.#held = { token, until: askedAt + lastsMs - renewAheadMs };
    return token;
  }
}

/** Trades an API key for a token. https://docs.ravnur.com/hc/en-us/articles/20199019452690 */
export function ravnurToken(
  endpoint: string,
  subscriptionId: string,
  apiKey: string,
  call: Caller,
  timeoutMs: number,
  http: HttpClient,
): HeldToken {
  return new HeldToken(() =>
    call({ operation: 'Auth_Token', mutates: false }, async () => {
      const { status, body } = await http.send(`${endpoint}/auth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ subscriptionId, apiKey }),
        timeoutMs,
      });
      if (status !== 200) throw Object.assign(new Error('no token was issued'), { statusCode: status });
      const token = body.toString('utf8').trim().replace(/^"|"$/g, '');
      return { token, lastsMs: expiryOf(token) - (Date.now() + signingOffsetMs()) };
    }),
  );
}

/** The `exp` of a JWT in epoch milliseconds; 0 for a token without it, which is used once. */
export function expiryOf(token: string): number {
  try {
    const claims: JsonObject = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims.exp === 'number' ? claims.exp * 1000 : 0;
  } catch {
    return 0;
  }
}

/** The Entra library heeds no abort signal: a sign-in host that hangs would hang us. Rejects with a `TimeoutError`. */
export function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(Object.assign(new Error('no token in time'), { name: 'TimeoutError' }));
    const timer = setTimeout(late, timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
