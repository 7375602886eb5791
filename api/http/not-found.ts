import type { FastifyInstance } from 'fastify';
import { pathOf } from './error-handler.ts';
import { HttpProblem, notFound } from './problem.ts';

/**
 * Refuses what no route takes, before a body is read: 405 with what the path does take, 404 where there is no such path.
 * Comes before any route, and after those who count requests.
 */
export function notThere(app: FastifyInstance): void {
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
      throw notFound(`there is nothing at ${method} ${path}; GET /openapi.json tells what there is`);
    }
    const allow = [...new Set(taken)].sort().join(', ');
    throw new HttpProblem({
      status: 405,
      kind: 'method-not-allowed',
      title: 'Not by this method',
      detail: `${path} does not take ${method}, but ${allow}`,
      headers: { allow },
    });
  });
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i]);
}
