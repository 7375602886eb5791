import type { FastifyInstance } from 'fastify';
import type { ShowcallerClient } from '../../client/client.ts';
import type { ApiLimits } from '../limits.ts';

/**
 * Limits each handler's wait for Temporal to what its route allows. The client counts calls that outlive their request, so
 * that the connection to Temporal is closed after them.
 */
export function limitTime(app: FastifyInstance, client: ShowcallerClient, limits: ApiLimits): void {
  app.addHook('onRoute', (route) => {
    const { handler, config } = route;
    const ms = config?.answerMs ?? limits.answerMs;
    route.handler = function limited(request, reply) {
      return client.within(ms, async () => handler.call(this, request, reply));
    };
  });
}
