import type { HttpClient } from '../../vendors/http.ts';
import { unavailable } from '../http/problem.ts';
import { discover } from './issuer-keys.ts';
import type { OidcOptions } from './oidc.ts';
import type { SignIn, SignInOptions } from './public-client.ts';

/** An issuer may move its endpoints. */
const freshForMs = 10 * 60_000;

/** @returns What reads the issuer's discovery document, now and then. @throws HttpProblem 503 when it cannot be had */
export function signInAt(
  { issuer, audience }: Pick<OidcOptions, 'issuer' | 'audience'>,
  options: SignInOptions,
  http: HttpClient,
): () => Promise<SignIn> {
  let known: { at: number; value: Promise<SignIn> } | undefined;
  const look = async (): Promise<SignIn> => {
    try {
      const { authorization_endpoint: authorize, token_endpoint: token } = await discover(issuer, http);
      const sends = options.clientId === audience ? 'id_token' : 'access_token';
      return { ...options, issuer, authorize: webAddress(authorize), token: webAddress(token), sends };
    } catch (cause) {
      known = undefined;
      throw unavailable('the discovery document of the identity provider cannot be read; retry later', { cause });
    }
  };
  return () => {
    if (!known || performance.now() - known.at >= freshForMs) known = { at: performance.now(), value: look() };
    return known.value;
  };
}

/** An address of another kind would be a script in the page. */
function webAddress(given: unknown): string {
  const { protocol, href } = new URL(String(given));
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error(`${href} is no web address`);
  return href;
}
