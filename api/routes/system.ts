import type { FastifyRequest } from 'fastify';
import { atMostEvery } from '../../temporal/at-most-every.ts';
import { ByTenant } from '../auth/by-tenant.ts';
import { scopeOf } from '../auth/tenancy.ts';
import type { Api } from '../deps.ts';
import { healthSchema, overviewSchema } from '../schemas/system.ts';
import { type Boards, keyOfTenant } from './streams.ts';

const mostCallers = 500;

/** What is wrong now, and when each thing was last seen: for monitors that ask instead of listening. */
export function systemRoutes(app: Api, boards: Boards, everyMs: number): void {
  const looks = new ByTenant((key) => atMostEvery(everyMs, () => boards.of(key).poll()), mostCallers);
  const seenBy = (request: FastifyRequest) => looks.of(keyOfTenant(scopeOf(request).tenant))();
  app.get(
    '/v1/overview',
    {
      config: { permission: 'viewer', tenancy: 'own' },
      schema: {
        tags: ['events'],
        operationId: 'getOverview',
        summary: 'All events as a board shows them, as they were last seen',
        description: 'What the stream of all events begins with: at most 200 running and 50 ended events.',
        response: { 200: overviewSchema },
      },
    },
    async (request) => {
      const { cards, system } = await seenBy(request);
      return { at: Date.now(), system, events: cards };
    },
  );
  app.get(
    '/v1/health',
    {
      config: { permission: 'viewer', tenancy: 'own' },
      schema: {
        tags: ['events'],
        operationId: 'getHealth',
        summary: 'The workers and pollers, and the events with which something is wrong, as they were last seen',
        description: 'Of at most 200 running and 50 ended events, as the board has them.',
        response: { 200: healthSchema },
      },
    },
    async (request) => {
      const { cards, system } = await seenBy(request);
      const events = cards.flatMap(({ eventId, tenant, title, vendor, account, phase, conditions }) =>
        conditions ? [{ eventId, tenant, title, vendor, account, phase, conditions }] : [],
      );
      return { at: Date.now(), system, events };
    },
  );
}
