import type { JsonObject } from '../../domain/json.ts';
import type { Caller } from '../call.ts';
import type { HttpClient } from '../http.ts';

export interface IssuedToken {
  token: string;
  /** Epoch milliseconds. */
  expiresOnTimestamp: number;
}

/** Renewed this long before it expires, so that no call leaves with a token that dies on the way. */
const renewAheadMs = 60_000;

/** A credential that trades an API key for a token and keeps it until shortly before it expires. */
export function ravnurCredential(
  endpoint: string,
  subscriptionId: string,
  apiKey: string,
  call: Caller,
  timeoutMs: number,
  http: HttpClient,
): { getToken(): Promise<IssuedToken> } {
  let cached: IssuedToken | undefined;
  // https://docs.ravnur.com/hc/en-us/articles/20199019452690
  const request = () =>
    call({ operation: 'Auth_Token', mutates: false }, async () => {
      const { status, body } = await http.send(`${endpoint}/auth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ subscriptionId, apiKey }),
        timeoutMs,
      });
      if (status !== 200) throw Object.assign(new Error('no token was issued'), { statusCode: status });
      const token = body.toString('utf8').trim().replace(/^"|"$/g, '');
      return { token, expiresOnTimestamp: expiryOf(token) };
    });
  return {
    async getToken() {
      if (!cached || cached.expiresOnTimestamp - renewAheadMs < Date.now()) cached = await request();
      return cached;
    },
  };
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
