import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemType } from '../schemas/problem.ts';
import { problemOf } from './errors.ts';

export const carefulHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** The path alone: a query may carry a secret. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** Every answer has the headers of a careful server, and every failure is a problem document. */
export function answers(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(carefulHeaders);
  });
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error);
  const { status, kind, title, detail, problems } = problem.facts;
  if (status >= 500) request.log.error({ err: problem.cause ?? error, kind }, detail);
  const document = {
    type: `urn:showcaller:problem:${kind}`,
    title,
    status,
    detail,
    instance: pathOf(request.url),
    ...(problems && { problems }),
  };
  return reply
    .code(status)
    .headers(problem.facts.headers ?? {})
    .type(problemType)
    .serializer((sent: unknown) => String(sent))
    .send(JSON.stringify(document));
}
