import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from '../http/problem.ts';
import type { Limits } from '../limits.ts';
import type { Auth } from './auth.ts';
import type { Permission, Principal } from './permissions.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask; a route that does not say is not registered. */
    permission?: Permission | 'public';
    /** Asked by machines that look after this process. */
    unlimited?: boolean;
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** Who asks; only where the route is not public. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (!principal) throw new Error('nobody was asked for on this route');
  return principal;
}

const perMinute = (max: number): CreateRateLimitOptions => ({ max, timeWindow: 60_000 });

/** Nobody reaches a route without its permission, and nobody reaches any too often. */
export async function guard(app: FastifyInstance, auth: Auth, limits: Limits): Promise<void> {
  app.decorateRequest('principal', null);
  await app.register(rateLimit, { global: false });
  const strangers = app.createRateLimit(perMinute(limits.perStranger));
  const known = app.createRateLimit({
    ...perMinute(limits.perToken),
    keyGenerator: (request) => principalOf(request).name,
  });
  app.addHook('onRoute', ({ config, method, url }) => {
    if (config?.permission === undefined) throw new Error(`${method} ${url} declares no permission`);
  });
  app.addHook('onRequest', async (request) => {
    const { permission = 'public', unlimited } = request.routeOptions.config;
    if (unlimited) return;
    if (permission !== 'public') {
      try {
        request.principal = await auth.authorize(request, permission);
      } catch (error) {
        await count(strangers, request);
        throw error;
      }
    }
    await count(request.principal ? known : strangers, request);
  });
}

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

async function count(limiter: Limiter, request: FastifyRequest): Promise<void> {
  const counted = await limiter(request);
  if (counted.isAllowed || !counted.isExceeded) return;
  const seconds = Math.max(1, counted.ttlInSeconds);
  throw new HttpProblem({
    status: 429,
    kind: 'too-many-requests',
    title: 'Too many requests',
    detail: `more than ${counted.max} requests in a minute: try again in ${seconds} s`,
    headers: { 'retry-after': String(seconds) },
  });
}
