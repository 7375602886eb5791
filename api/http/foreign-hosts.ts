import type { FastifyInstance } from 'fastify';
import { whyNotLocal } from '../../temporal/loopback-only.ts';
import { forbidden } from './problem.ts';

/** For an API without tokens: refuses web pages that reach it by a DNS name of their own for this machine (DNS rebinding). */
export function refuseForeignHosts(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }) => {
    const why = whyNotLocal(headers);
    if (why !== undefined) throw forbidden(why);
  });
}
