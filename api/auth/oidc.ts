import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { unauthenticated, unavailable } from '../http/problem.ts';
import type { Recognise } from './auth.ts';
import { type Permission, permissions } from './permissions.ts';

export interface OidcOptions {
  /** As in the tokens' `iss`; its discovery document names the keys. */
  issuer: string;
  /** As in the tokens' `aud`. */
  audience: string;
  /** Which claim lists the roles, by our names. Default `roles`. */
  roleClaim?: string;
  /** Which claim names the tenant. When it is set, a token without it is refused. */
  tenantClaim?: string;
}

/** Asymmetric algorithms only: the API does not share a secret with the issuer. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const timeoutMs = 5_000;
const clockToleranceSeconds = 5;

/** Recognises the JWTs of one issuer. When its keys cannot be fetched the answer is 503, not 401. */
export function oidcRecogniser({ issuer, audience, roleClaim = 'roles', tenantClaim }: OidcOptions): Recognise {
  const keys = discoveredKeys(issuer);
  return async (token) => {
    if (token.split('.').length !== 3) return undefined;
    const { payload } = await verified(token, await keys(), { issuer, audience });
    const tenant = tenantClaim === undefined ? undefined : payload[tenantClaim];
    if (tenantClaim !== undefined && (typeof tenant !== 'string' || tenant === ''))
      throw unauthenticated(`the token has no claim ${tenantClaim} that names a tenant`);
    return {
      name: `oidc:${payload.sub}`,
      permissions: rolesIn(payload, roleClaim),
      ...(typeof tenant === 'string' && { tenant }),
    };
  };
}

async function verified(token: string, keys: JWTVerifyGetKey, expected: { issuer: string; audience: string }) {
  try {
    return await jwtVerify(token, keys, {
      ...expected,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['sub', 'exp'],
    });
  } catch (error) {
    if (isTokenError(error)) throw unauthenticated(`the token is refused: ${error.message}`, { cause: error });
    throw unavailable('cannot fetch the signing keys (JWKS) of the token issuer; retry later', { cause: error });
  }
}

/** Whether the token is at fault; any other error is about fetching the keys. */
const isTokenError = (error: unknown): error is errors.JOSEError =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) &&
  error.code !== 'ERR_JOSE_GENERIC';

/** `roles`, or a claim in a claim such as `realm_access.roles`; a list, or words in one text. */
function rolesIn(payload: JWTPayload, claim: string): Permission[] {
  let found: unknown = payload[claim];
  if (found === undefined) {
    found = claim
      .split('.')
      .reduce<unknown>((at, key) => (at && typeof at === 'object' ? (at as JWTPayload)[key] : undefined), payload);
  }
  const listed = typeof found === 'string' ? found.split(/[ ,]+/) : Array.isArray(found) ? found : [];
  return permissions.filter((permission) => listed.includes(permission));
}

/** Discovers the keys at the first token, and again until the issuer answers. */
function discoveredKeys(issuer: string): () => Promise<JWTVerifyGetKey> {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return () => {
    keys ??= discover(issuer).catch((error: unknown) => {
      keys = undefined;
      throw unavailable(`the token issuer ${issuer} does not answer`, { cause: error });
    });
    return keys;
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  if (!response.ok) throw new Error(`${address} answers ${response.status}`);
  const found = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (found.issuer !== issuer) throw new Error(`${address} names another issuer`);
  return createRemoteJWKSet(new URL(String(found.jwks_uri)), { timeoutDuration: timeoutMs });
}
