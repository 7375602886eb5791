import type { FastifyInstance } from 'fastify';
import type { ShowcallerClient } from '../../client/client.ts';
import type { Limits } from '../limits.ts';

/**
 * No handler waits longer for Temporal than its route allows. The client also keeps count of what still runs after a
 * caller has left, so that the connection to Temporal is closed last.
 */
export function limitTime(app: FastifyInstance, client: ShowcallerClient, limits: Limits): void {
  app.addHook('onRoute', (route) => {
    const { handler, config } = route;
    const ms = config?.answerMs ?? limits.answerMs;
    route.handler = function limited(request, reply) {
      return client.within(ms, async () => handler.call(this, request, reply));
    };
  });
}
