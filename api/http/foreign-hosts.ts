import type { FastifyInstance } from 'fastify';
import { whyNotLocal } from '../../temporal/loopback-only.ts';
import { forbidden } from './problem.ts';

/** For an API without tokens: no page of the web gets in by a name that it has lead to this machine. */
export function refuseForeignHosts(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }) => {
    const why = whyNotLocal(headers);
    if (why !== undefined) throw forbidden(why);
  });
}
