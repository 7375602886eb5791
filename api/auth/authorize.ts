import type { FastifyInstance, FastifyRequest } from 'fastify';
import { networkOf, RateLimit } from '../../temporal/rate-limit.ts';
import { forbidden, tooMany, unauthenticated } from '../http/problem.ts';
import type { ApiLimits } from '../limits.ts';
import type { Auth } from './auth.ts';
import { ByTenant } from './by-tenant.ts';
import { may, type Permission, type Principal } from './permissions.ts';
import { defaultQuotas, type QuotasOf } from './quotas.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** Of so many tenants requests are counted at once. */
const mostTenants = 10_000;

/** The caller; not on public routes. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (!principal) throw new Error('this route is public: it has no principal');
  return principal;
}

/** @throws HttpProblem 403 */
export function checkPermission(principal: Principal, permission: Permission): void {
  if (may(principal, permission)) return;
  const held = principal.permissions.join(', ') || 'nothing';
  throw forbidden(`this needs ${permission}; ${principal.name} holds ${held}`);
}

/**
 * Checks the caller's token again, for a stream that outlives its request.
 *
 * @throws HttpProblem when the token lost its permission or belongs to another tenant now.
 */
export async function reauthorize(auth: Auth, request: FastifyRequest): Promise<void> {
  const { permission = 'public' } = request.routeOptions.config;
  if (permission === 'public') return;
  const principal = await auth.identify(request, permission);
  checkPermission(principal, permission);
  const { tenant } = principal;
  if (tenant !== principalOf(request).tenant) throw unauthenticated('the token belongs to another tenant now');
}

/**
 * Before the body is read: recognises the token, counts the request, checks its permission. A request counts for its principal,
 * and only without a valid token for its address, so that one caller's guesses keep out no others behind one address. What a
 * token costs before that is bounded where it is checked.
 */
export async function authorize(
  app: FastifyInstance,
  auth: Auth,
  limits: ApiLimits,
  quotasOf: QuotasOf = () => defaultQuotas,
): Promise<void> {
  app.decorateRequest('principal', null);
  const publicByAddress = new RateLimit(limits.requestsPerAddress);
  // Counted apart: guesses at tokens keep no caller behind the same address from the board or a show.
  const refusedByAddress = new RateLimit(limits.requestsPerAddress);
  const byPrincipal = new RateLimit(limits.requestsPerPrincipal);
  const byTenant = new ByTenant((tenant) => new RateLimit(quotasOf(tenant).requestsPerMinute), mostTenants);
  app.addHook('onRequest', async (request) => {
    const { permission = 'public', unlimited } = request.routeOptions.config;
    if (unlimited) return;
    const address = networkOf(request.ip);
    if (permission === 'public') return countOrRefuse(publicByAddress, address);
    try {
      request.principal = await auth.identify(request, permission);
    } catch (error) {
      await countOrRefuse(refusedByAddress, address);
      throw error;
    }
    const { name, tenant } = request.principal;
    await countOrRefuse(byPrincipal, name);
    if (tenant !== undefined) await countOrRefuse(byTenant.of(tenant), tenant);
    checkPermission(request.principal, permission);
  });
}

/** @throws HttpProblem 429 */
async function countOrRefuse(limit: RateLimit, key: string): Promise<void> {
  const seconds = await limit.count(key);
  if (seconds === undefined) return;
  throw tooMany(`more than ${limit.perMinute} requests in a minute: try again in ${seconds} s`, seconds);
}
