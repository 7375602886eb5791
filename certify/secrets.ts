import type { IngestEndpoint } from '../domain/channel.ts';
import { fieldsOf } from '../vendors/account-variables.ts';
import type { Account, VendorManifest } from '../vendors/manifest.ts';
import type { RecordedCall } from './recorded-calls.ts';

/** Shorter words of a push URL are names, not keys. */
const shortestKey = 12;

/** Everything that may be known to the account and the encoder only. */
export function secretsOf(
  manifest: VendorManifest,
  account: Account,
  endpoints: readonly IngestEndpoint[],
  names: readonly string[] = [],
): Set<string> {
  const settings = fieldsOf(manifest).map(({ key, secret }) => ({ secret, value: account.settings[key] ?? '' }));
  const known = [...names, ...settings.filter(({ secret }) => !secret).map(({ value }) => value)];
  const secrets = settings.filter(({ secret, value }) => secret && value !== '').map(({ value }) => value);
  return new Set([...secrets, ...endpoints.flatMap((endpoint) => keysIn(endpoint.url, known))]);
}

/** The words of a push URL that let an encoder in: not names, not addresses, not what the account says openly. */
export function keysIn(url: string, known: readonly string[] = []): string[] {
  const [, rest = ''] = url.split('://');
  const words = rest.split(/[/?&=]/).slice(1);
  return [...new Set(words.flatMap((word) => [word, plain(word)]))]
    .filter((word) => word.length >= shortestKey && !/^\d+$/.test(word) && !isName(word))
    .filter((word) => !known.some((value) => value.includes(word)));
}

/** The push URL with one letter of its longest key changed. */
export function withWrongKey(url: string, { settings }: Account): string {
  const [key] = keysIn(url, Object.values(settings)).sort((a, b) => b.length - a.length);
  if (key === undefined) throw new Error('the push URL has no key');
  const at = Math.floor(key.length / 2);
  return url.replace(key, key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1));
}

/** Channel names of the contract's events, names of files. */
const isName = (word: string): boolean =>
  /^(sc|showcaller)-/.test(word) || /\.\w{2,4}$/.test(word) || /^[A-Za-z]+$/.test(word);

function plain(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** Where a secret leaked; the secrets themselves are not repeated. */
export function leaksIn(calls: readonly RecordedCall[], secrets: ReadonlySet<string>): string[] {
  const leaking = calls.filter(({ text }) => [...secrets].some((secret) => text.includes(secret)));
  return [
    ...new Set(leaking.map(({ method, error }) => `${error === undefined ? 'a result' : 'a failure'} of ${method}`)),
  ];
}
