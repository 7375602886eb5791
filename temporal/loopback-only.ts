import { isLoopback } from '../domain/loopback.ts';

interface Headers {
  host?: string | undefined;
  origin?: string | undefined;
}

/**
 * Why a request must not be served by a server that lets everybody in because only this machine reaches it; undefined
 * when it may be. A page of the web can have a name of its own lead to this machine; then its browser names that one.
 */
export function whyNotLocal({ host = '', origin }: Headers): string | undefined {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  if (!isLoopback(name)) return 'this server is for this machine alone: ask it by 127.0.0.1, [::1] or localhost';
  if (origin === undefined || origin === `http://${host}`) return undefined;
  return 'this server is for this machine alone: pages from elsewhere may not ask it';
}
