import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { unseen } from '../../domain/text.ts';
import type { HttpClient } from '../../vendors/http.ts';
import { unauthenticated, unavailable } from '../http/problem.ts';
import { isTenant } from '../schemas/tenant.ts';
import type { Recognise } from './auth.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { type Permission, type Principal, permissions } from './permissions.ts';

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
/** Of access and ID tokens. A logout or security event token of the same issuer is not for us. */
const types = [undefined, 'jwt', 'at+jwt', 'application/jwt', 'application/at+jwt'];
const clockToleranceSeconds = 5;
const maxSubjectLength = 200;
const subject = new RegExp(`^[^${unseen}\\p{Cs}]+$`, 'u');

/** Recognises the JWTs of one issuer. When its keys cannot be fetched the answer is 503, not 401. */
export function oidcRecogniser(
  { issuer, audience, roleClaim = 'roles', tenantClaim }: OidcOptions,
  http: HttpClient,
): Recognise {
  const issuerKeys = new IssuerKeys(issuer, http);
  const recognise = async (token: string): Promise<Principal | undefined> => {
    if (!isForUs(token, issuer)) return undefined;
    const payload = await verified(token, issuerKeys, { issuer, audience });
    const tenant = tenantClaim === undefined ? undefined : payload[tenantClaim];
    if (tenantClaim !== undefined && !isTenant(tenant))
      throw unauthenticated(`the token has no claim ${tenantClaim} that names a tenant`);
    return {
      name: `oidc:${subjectOf(payload)}`,
      permissions: rolesIn(payload, roleClaim),
      ...(isTenant(tenant) && { tenant }),
    };
  };
  return Object.assign(recognise, { costly: true });
}

/** Checks header and issuer before the signature: a token of another issuer causes no call to this one. */
function isForUs(token: string, issuer: string): boolean {
  try {
    const { alg = '', typ } = decodeProtectedHeader(token);
    return algorithms.includes(alg) && types.includes(typ?.toLowerCase()) && decodeJwt(token).iss === issuer;
  } catch {
    return false;
  }
}

async function verified(token: string, issuerKeys: IssuerKeys, expected: { issuer: string; audience: string }) {
  try {
    const { payload } = await jwtVerify(token, issuerKeys.get, {
      ...expected,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey && issuerKeys.mayBeNew(decodeProtectedHeader(token).kid))
      throw unavailable('the token is signed with a key that its issuer does not publish yet; try again', {
        cause: error,
      });
    if (error instanceof errors.JOSEError)
      throw unauthenticated(`the token is refused: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The subject, which reports, logs and rate limits use. */
function subjectOf({ sub }: JWTPayload): string {
  const given: unknown = sub;
  if (typeof given === 'string' && given.length <= maxSubjectLength && subject.test(given)) return given;
  throw unauthenticated(
    `the token is refused: its "sub" is not a text of 1 to ${maxSubjectLength} characters without control characters and invisible ones`,
  );
}

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
