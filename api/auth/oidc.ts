import { decodeJwt, decodeProtectedHeader, errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import { unseen } from '../../domain/text.ts';
import { tenantSchema } from '../../plan/texts.ts';
import type { HttpClient } from '../../vendors/http.ts';
import { unauthenticated, unavailable } from '../http/problem.ts';
import type { Recognise } from './auth.ts';
import { type IssuerKey, IssuerKeys } from './issuer-keys.ts';
import { type Permission, permissions } from './permissions.ts';
import { Turns } from './turns.ts';

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
/** Signatures of one address. A check takes 0.2 ms, and 3 ms with the largest keys. */
const checks = { atOnce: 2, mostWaiting: 500 };
const subject = new RegExp(`^[^${unseen}]+$`, 'u');

/** Recognises the JWTs of one issuer. When its keys cannot be fetched the answer is 503, not 401. */
export function oidcRecogniser(
  { issuer, audience, roleClaim = 'roles', tenantClaim }: OidcOptions,
  http: HttpClient,
): Recognise {
  const issuerKeys = new IssuerKeys(issuer, http);
  const turns = new Turns(checks, 'tokens of this address');
  return async (token, address) => {
    if (!isForUs(token, issuer)) return undefined;
    const key = await keyOf(token, issuerKeys);
    const payload = await turns.take(address, () => verified(token, key, { issuer, audience }));
    const tenant = tenantClaim === undefined ? undefined : payload[tenantClaim];
    if (tenantClaim !== undefined && !isTenant(tenant))
      throw unauthenticated(`the token has no claim ${tenantClaim} that names a tenant`);
    return {
      name: `oidc:${subjectOf(payload)}`,
      permissions: rolesIn(payload, roleClaim),
      ...(isTenant(tenant) && { tenant }),
    };
  };
}

const isTenant = (given: unknown): given is string => tenantSchema.safeParse(given).success;

/** Checks header and issuer before the signature: a token of another issuer causes no call to this one. */
function isForUs(token: string, issuer: string): boolean {
  try {
    const { alg = '', typ } = decodeProtectedHeader(token);
    return algorithms.includes(alg) && types.includes(typ?.toLowerCase()) && decodeJwt(token).iss === issuer;
  } catch {
    return false;
  }
}

/** Takes no turn: keys are fetched from the issuer beside the tokens whose key is known. */
async function keyOf(token: string, issuerKeys: IssuerKeys): Promise<IssuerKey> {
  const header = decodeProtectedHeader(token) as JWTHeaderParameters;
  try {
    return await issuerKeys.get(header);
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey && issuerKeys.mayBeNew(header.kid))
      throw unavailable('the token is signed with a key that its issuer does not publish yet; try again', {
        cause: error,
      });
    throw refused(error);
  }
}

async function verified(token: string, key: IssuerKey, expected: { issuer: string; audience: string }) {
  try {
    const { payload } = await jwtVerify(token, key, {
      ...expected,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (error) {
    throw refused(error);
  }
}

const refused = (error: unknown): unknown =>
  error instanceof errors.JOSEError
    ? unauthenticated(`the token is refused: ${error.message}`, { cause: error })
    : error;

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
