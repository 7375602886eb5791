import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SimRequest } from '../kit/types.ts';
import { ArmError } from './errors.ts';

const jwtLifetimeSeconds = 3600;
const header = encode({ alg: 'HS256', typ: 'JWT' });

/**
 * The tokens this account accepts: one that never expires, for `authMode: token`, and those it issues for its API key
 * the way Ravnur does. An Entra sign-in cannot be simulated on loopback: its libraries insist on https.
 */
export class Tokens {
  readonly staticToken = randomBytes(24).toString('base64url');
  readonly apiKey = randomBytes(16).toString('hex');
  readonly #secret = randomBytes(32);
  readonly #subscriptionId: string;

  constructor(subscriptionId: string) {
    this.#subscriptionId = subscriptionId;
  }

  /** documented(https://docs.ravnur.com/hc/en-us/articles/20199019452690): the JWT is the whole body. Undefined: refused. */
  issue(subscriptionId: unknown, apiKey: unknown, now = Date.now()): string | undefined {
    if (subscriptionId !== this.#subscriptionId || apiKey !== this.apiKey) return undefined;
    const seconds = Math.floor(now / 1000);
    const claims = encode({ sub: subscriptionId, iat: seconds, exp: seconds + jwtLifetimeSeconds });
    return `${header}.${claims}.${this.#sign(`${header}.${claims}`)}`;
  }

  /** Throws the vendor's 401. documented(https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors) */
  verify(req: SimRequest, now = Date.now()): void {
    const token = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new ArmError('AuthenticationFailed');
    if (same(token, this.staticToken)) return;
    const [head = '', claims = '', signature = ''] = token.split('.');
    if (!same(signature, this.#sign(`${head}.${claims}`))) throw new ArmError('InvalidAuthenticationToken');
    if (expiryOf(claims) * 1000 <= now) throw new ArmError('ExpiredAuthenticationToken');
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Only called on claims whose signature is ours. */
const expiryOf = (claims: string): number => JSON.parse(Buffer.from(claims, 'base64url').toString()).exp;

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
