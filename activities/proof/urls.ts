import { unsigned } from '../../domain/playback.ts';
import { withoutSecretFolders } from '../../domain/secret-folders.ts';
import { shortened } from '../../domain/text.ts';
import { addressRules, whyNotUrl } from '../../vendors/addresses.ts';

const shownChars = 80;

/** A URL as it may be shown: no credentials, no query (signatures live there), the last whole folders of a long path. */
export function shown(url: string): string {
  const parsed = safeParse(url);
  if (!parsed) return shortened(unsigned(url), shownChars);
  const path = withoutSecretFolders(parsed.pathname);
  return path.length <= shownChars ? path : `…${path.slice(-shownChars + 1).replace(/^[^/]*/, '')}`;
}

/** The address of a file of a recording as it may be shown: on another host than the recording's, only its name. */
export function shownFrom(url: string, asset: string, name = 'a playlist'): string {
  const [target, home] = [safeParse(url), safeParse(asset)];
  return target && home && target.host === home.host ? shown(url) : `${name} on ${target?.hostname || 'no host'}`;
}

export function resolve(uri: string, base: string): string | undefined {
  return safeParse(uri, base)?.href;
}

/** The scheme and host that an address of a playlist itself names; undefined for a relative one. */
export const originOf = (uri: string): string | undefined =>
  /^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?#]*|^[a-z][a-z0-9+.-]*:/i.exec(uri)?.[0];

/** Why an address may not be asked, as far as it can be said without resolving its name. */
export type WhyNot = (url: URL) => string | undefined;

const publicOnly: WhyNot = (url) => whyNotUrl(url, addressRules());

/** Why a player outside could not, or we should not, follow this URL out of that playlist; undefined when fine. */
export function whyRefused(url: string, asset: string, whyNot: WhyNot = publicOnly): string | undefined {
  const target = safeParse(url);
  const home = safeParse(asset);
  if (!target || !home) return 'is not a URL';
  if (target.protocol === home.protocol && target.host === home.host) return undefined;
  if (target.protocol !== home.protocol && !/^https?:$/.test(target.protocol)) {
    return `has the scheme ${target.protocol}, which players do not follow`;
  }
  return whyNot(target) && `points to the private host ${target.hostname}`;
}

function safeParse(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}
