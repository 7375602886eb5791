import { isLoopback } from '../domain/loopback.ts';

interface RequestHeaders {
  host?: string | undefined;
  origin?: string | undefined;
}

/**
 * Why a server without authentication, for this machine only, refuses a request; undefined when it serves it. A web page
 * can point a DNS name of its own at this machine (DNS rebinding); the browser then sends that name as the host.
 */
export function whyNotLocal({ host = '', origin }: RequestHeaders): string | undefined {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  if (!isLoopback(name)) return 'this server is for this machine alone: ask it by 127.0.0.1, [::1] or localhost';
  if (origin === undefined || origin === `http://${host}`) return undefined;
  return 'this server is for this machine alone: pages from elsewhere may not ask it';
}
