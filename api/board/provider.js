// Sign-in at an identity provider: authorization code with PKCE, as a public client.
// https://www.rfc-editor.org/rfc/rfc7636, https://www.rfc-editor.org/rfc/rfc9700#section-2.1

import { read } from './api.js';
import { fetchTokens } from './session.js';

/** @typedef {import('../auth/public-client.ts').SignIn} Provider */

const pendingKey = 'showcaller-sign-in';

/** The page itself, where the provider sends its answer. */
const pageAddress = () => `${location.origin}${location.pathname}`;

/** @param {ArrayBuffer | Uint8Array} bytes */
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** The provider that the API names; undefined where it names none. @returns {Promise<Provider | undefined>} */
export async function findProvider() {
  const { provider } = await read('board/sign-in.json');
  return provider;
}

/** Leaves the page for the provider's. @param {Provider} provider */
export async function leaveFor({ authorize, clientId, scope, parameters }) {
  if (!isSecureContext) throw new Error('a browser signs in only over https, or on this machine');
  const [verifier, state] = [random(), random()];
  const challenge = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  sessionStorage.setItem(pendingKey, JSON.stringify({ verifier, state, hash: location.hash }));
  const address = new URL(authorize);
  const asked = {
    ...parameters,
    ...{ response_type: 'code', client_id: clientId, redirect_uri: pageAddress(), scope, state },
    ...{ code_challenge: base64url(challenge), code_challenge_method: 'S256' },
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  location.assign(address);
}

/** Whether the page was opened with an answer of a provider. */
export const hasAnswer = () => {
  const given = new URLSearchParams(location.search);
  return given.has('state') && (given.has('code') || given.has('error'));
};

/**
 * Takes the provider's answer out of the address, and the token for it.
 *
 * @param {Provider} provider
 * @throws {Error} why there is no token
 */
export async function takeAnswer({ issuer, token, clientId, sends }) {
  const given = new URLSearchParams(location.search);
  const pending = JSON.parse(sessionStorage.getItem(pendingKey) ?? '{}');
  sessionStorage.removeItem(pendingKey);
  history.replaceState(null, '', `${pageAddress()}${pending.hash ?? ''}`);
  // Another page could have sent the reader here with its own answer, to be signed in under a foreign name.
  if (pending.state === undefined || given.get('state') !== pending.state)
    throw new Error('the answer of the identity provider is not for this tab; sign in again');
  if ((given.get('iss') ?? issuer) !== issuer) throw new Error('the answer is of another identity provider');
  const refused = given.get('error_description') ?? given.get('error');
  if (refused !== null) throw new Error(`the identity provider refuses: ${refused}`);
  await fetchTokens(
    { endpoint: token, clientId, sends },
    {
      ...{ grant_type: 'authorization_code', code: given.get('code') ?? '' },
      ...{ redirect_uri: pageAddress(), code_verifier: pending.verifier },
    },
  );
}
