import type { RouteOptions } from 'fastify';
import type { Permission } from './permissions.ts';
import type { TurnLimits } from './turns.ts';

/**
 * Which tenant's things a route reads or changes.
 *
 * - `event`, `schedule`: the one in its path; for other tenants there is none of that id.
 * - `own`: those that the caller may see or make.
 * - `none`: nothing that belongs to a tenant.
 */
export type Tenancy = 'event' | 'schedule' | 'own' | 'none';

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission | 'public';
    tenancy?: Tenancy;
    /** How long Temporal may take to answer, milliseconds; else `limits.answerMs`. */
    answerMs?: number;
    /** So much of one tenant at once, because each request costs many calls of a vendor or of Temporal. */
    inTurn?: TurnLimits;
    /** True exempts the route from the rate limits, for the probes of orchestrators. */
    unlimited?: boolean;
  }
}

/** @throws Error for a route that does not say who may ask, or whose things it touches. */
export function checkRoute({ config, method, url }: RouteOptions): void {
  const refuse = (why: string): never => {
    throw new Error(`${method} ${url} ${why}`);
  };
  const { permission, tenancy } = config ?? {};
  if (permission === undefined) refuse('declares no permission');
  if (permission !== 'public' && tenancy === undefined) refuse('declares no tenancy');
  const inPath = namedIn(url);
  const named = tenancy === 'event' || tenancy === 'schedule' ? tenancy : undefined;
  if (named !== inPath)
    refuse(`declares tenancy ${tenancy}, and its path names ${inPath ?? 'neither event nor schedule'}`);
}

function namedIn(url: string): Tenancy | undefined {
  if (/:eventId\b/.test(url)) return 'event';
  return /:scheduleId\b/.test(url) ? 'schedule' : undefined;
}
