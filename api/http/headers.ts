import type { FastifyInstance } from 'fastify';
import { securityHeaders } from '../../temporal/security-headers.ts';

export function sendSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(securityHeaders);
  });
}
