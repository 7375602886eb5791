// The reader's token, in this tab alone, and how it is renewed where an identity provider gave it.

const tokenKey = 'showcaller-token';
const renewalKey = 'showcaller-renewal';
/** A token that ends sooner is renewed before it is used. */
const soonMs = 30_000;
const answerMs = 10_000;

/** @typedef {{ endpoint: string, clientId: string, sends: 'id_token' | 'access_token', refreshToken: string, endsAt: number }} Renewal */
/** @typedef {{ endpoint: string, clientId: string, sends: 'id_token' | 'access_token' }} TokenPlace Where tokens are had, and which one the API takes. */

/** @returns {string | null} */
export const token = () => sessionStorage.getItem(tokenKey);

/** Keeps a token until the tab is closed. @param {string} given */
export function keepToken(given) {
  dropToken();
  sessionStorage.setItem(tokenKey, given);
}

export function dropToken() {
  sessionStorage.removeItem(tokenKey);
  sessionStorage.removeItem(renewalKey);
}

/** @returns {Renewal | undefined} */
function renewal() {
  const text = sessionStorage.getItem(renewalKey);
  return text === null ? undefined : JSON.parse(text);
}

export const isRenewable = () => sessionStorage.getItem(renewalKey) !== null;

/**
 * Asks for tokens, and keeps them: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
 *
 * @param {TokenPlace} place
 * @param {Record<string, string>} form
 */
export async function fetchTokens({ endpoint, clientId, sends }, form) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    // No cookie of the provider goes along, and no redirect is followed with the code.
    ...{ credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer', cache: 'no-store' },
    body: new URLSearchParams({ ...form, client_id: clientId }),
    signal: AbortSignal.timeout(answerMs),
  });
  const given = await response.json().catch(() => ({}));
  const found = given[sends];
  if (!response.ok || typeof found !== 'string')
    throw new Error(
      `the identity provider gives no ${sends}: ${given.error_description ?? given.error ?? response.status}`,
    );
  const before = renewal();
  keepToken(found);
  const refreshToken = given.refresh_token ?? (form.grant_type === 'refresh_token' ? before?.refreshToken : undefined);
  const seconds = Number(given.expires_in);
  if (typeof refreshToken !== 'string' || !(seconds > 0)) return;
  const kept = { endpoint, clientId, sends, refreshToken, endsAt: Date.now() + seconds * 1_000 };
  sessionStorage.setItem(renewalKey, JSON.stringify(kept));
}

/** @type {Promise<void> | undefined} */
let renewing;

/** Renews the token, once for all who wait for it. What cannot be renewed is what it was. @param {{ isRefused?: boolean }} [why] */
export async function renew({ isRefused = false } = {}) {
  const known = renewal();
  if (!known || (!isRefused && known.endsAt - Date.now() > soonMs)) return;
  renewing ??= fetchTokens(known, { grant_type: 'refresh_token', refresh_token: known.refreshToken })
    .catch(() => {
      // The API says what is wrong with the old one.
      if (isRefused) sessionStorage.removeItem(renewalKey);
    })
    .finally(() => {
      renewing = undefined;
    });
  await renewing;
}
