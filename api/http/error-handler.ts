import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemType } from '../schemas/problem.ts';
import { problemOf } from './errors.ts';

/** The path alone: a query may carry a secret. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** Every failure is a problem document. */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error);
  const { status, kind, title, detail, problems, conflicts, budgets } = problem.facts;
  // The caller, the route and the reason, to search for after an attack.
  const { name: principal, tenant } = request.principal ?? {};
  if (status >= 500) request.log.error({ err: problem.cause ?? error, kind, principal, tenant }, detail);
  else request.log.info({ status, kind, principal, tenant, ip: request.ip }, `refused: ${detail}`);
  const document = {
    type: `urn:showcaller:problem:${kind}`,
    title,
    status,
    detail,
    instance: pathOf(request.url),
    ...(problems && { problems }),
    ...(conflicts && { conflicts }),
    ...(budgets && { budgets }),
  };
  return reply
    .code(status)
    .headers(problem.facts.headers ?? {})
    .type(problemType)
    .serializer((sent: unknown) => String(sent))
    .send(JSON.stringify(document));
}
