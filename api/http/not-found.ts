import type { FastifyInstance } from 'fastify';
import { pathOf } from './error-handler.ts';
import { HttpProblem, notFound } from './problem.ts';

/**
 * Refuses a request that no route takes, before its body is read: 405 with the methods of the path, else 404. Register
 * it before any route, and after the rate limits.
 */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const methodsAt = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    methodsAt.set(url, [...(methodsAt.get(url) ?? []), ...[method].flat()]);
  });
  app.addHook('onRequest', async (request) => {
    if (!request.is404) return;
    const { method } = request;
    const path = pathOf(request.url);
    const taken = [...methodsAt].flatMap(([pattern, methods]) => (matches(pattern, path) ? methods : []));
    if (taken.length === 0) {
      throw notFound(`there is nothing at ${method} ${path}; GET /openapi.json lists the routes`);
    }
    const allow = [...new Set(taken)].sort().join(', ');
    throw new HttpProblem({
      status: 405,
      kind: 'method-not-allowed',
      title: 'Method not allowed',
      detail: `${path} does not take ${method}, but ${allow}`,
      headers: { allow },
    });
  });
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i]);
}
