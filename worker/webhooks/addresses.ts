import { isLoopback } from '../../domain/loopback.ts';

/** Why an address may not be that of a subscriber; undefined when it may. Never quotes it. */
export function whyNotAddress(given: string): string | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url) return 'must be an address, such as https://ops.example/hooks/showcaller';
  if (url.username !== '' || url.password !== '') return 'must be without user name and password: requests are signed';
  if (url.hash !== '') return 'must be without a fragment';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return undefined;
  return 'must begin with https://; http:// only for this machine (localhost, 127.0.0.1, [::1])';
}

export const isMailServer = (given: string): boolean => /^smtps?:/i.test(given);

/** Why the address of a mail server cannot be used; undefined where it can. */
export function whyNotMailServer(given: string): string | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    return 'must be a mail server, such as smtp://mail.example:587 or smtps://mail.example';
  if (url.username !== '' || url.password !== '')
    return 'must be without user name and password: write "user", and the password into the environment';
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') return 'must be without a path';
  return undefined;
}
