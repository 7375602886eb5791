import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { tooMany, unauthenticated } from '../http/problem.ts';
import type { Limits } from '../limits.ts';
import type { Auth } from './auth.ts';
import type { Principal } from './permissions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** Who asks; only where the route is not public. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (!principal) throw new Error('this route is public: it has no principal');
  return principal;
}

/**
 * For what outlives its request: the caller's token as it is now.
 *
 * @throws HttpProblem when the token lost its permission or belongs to another tenant now.
 */
export async function reauthorize(auth: Auth, request: FastifyRequest): Promise<void> {
  const { permission = 'public' } = request.routeOptions.config;
  if (permission === 'public') return;
  const { tenant } = await auth.authorize(request, permission);
  if (tenant !== principalOf(request).tenant) throw unauthenticated('the token belongs to another tenant now');
}

const perMinute = (max: number): CreateRateLimitOptions => ({ max, timeWindow: 60_000 });

/** Before anything is read of a request: its permission is checked, and the request is counted. */
export async function authorize(app: FastifyInstance, auth: Auth, limits: Limits): Promise<void> {
  app.decorateRequest('principal', null);
  await app.register(rateLimit, { global: false });
  const anonymous = app.createRateLimit(perMinute(limits.requestsPerAddress));
  const authenticated = app.createRateLimit({
    ...perMinute(limits.requestsPerPrincipal),
    keyGenerator: (request) => principalOf(request).name,
  });
  app.addHook('onRequest', async (request) => {
    const { permission = 'public', unlimited } = request.routeOptions.config;
    if (unlimited) return;
    if (permission !== 'public') {
      try {
        request.principal = await auth.authorize(request, permission);
      } catch (error) {
        await count(anonymous, request);
        throw error;
      }
    }
    await count(request.principal ? authenticated : anonymous, request);
  });
}

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

async function count(limiter: Limiter, request: FastifyRequest): Promise<void> {
  const counted = await limiter(request);
  if (counted.isAllowed || !counted.isExceeded) return;
  const seconds = Math.max(1, counted.ttlInSeconds);
  throw tooMany(`more than ${counted.max} requests in a minute: try again in ${seconds} s`, seconds);
}
