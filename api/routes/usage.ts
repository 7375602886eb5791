import { spentBudgets } from '../../client/spent-budgets.ts';
import { formatInstant } from '../../domain/time.ts';
import { monthOf } from '../../domain/usage/month.ts';
import { summaryOf } from '../../domain/usage/summary.ts';
import { scopeOf } from '../auth/tenancy.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { unlessGone } from '../http/gone.ts';
import { eventIdParam } from '../schemas/event.ts';
import { eventUsageSchema, usageQuery, usageSchema, usageSpan } from '../schemas/usage.ts';

const tags = ['usage'];
/** Thousands of events are read for it. */
const answerMs = 60_000;

/** What was billed. A tenant sees its own alone. */
export function usageRoutes(app: Api, { prices, budgetOf }: Pick<ApiDeps, 'prices' | 'budgetOf'>): void {
  app.get(
    '/v1/usage',
    {
      config: { permission: 'viewer', tenancy: 'own', answerMs, inTurn: { atOnce: 1, mostWaiting: 5 } },
      schema: {
        tags,
        operationId: 'getUsage',
        summary: 'What was billed, by tenant, vendor or account',
        description:
          'Minutes, and money where the configuration has a price list. Events are known as long as Temporal keeps them.',
        querystring: usageQuery,
        response: { 200: usageSchema },
      },
    },
    async (request, reply) => {
      const { by } = request.query;
      const { client } = scopeOf(request);
      const isThisMonth = by === 'tenant' && request.query.from === undefined && request.query.to === undefined;
      const span = usageSpan(request.query, Date.now());
      const [from, to] = [formatInstant(span.from), formatInstant(span.to)];
      const read = async () => {
        const summary = summaryOf(await client.usage(span), by, prices);
        if (!isThisMonth || !budgetOf) return { from, to, by, ...summary };
        const budgets = spentBudgets(await client.usageOfMonth(monthOf(span.to)), { budgetOf, prices });
        return { from, to, by, ...summary, budgets };
      };
      return unlessGone(reply, (stop) => client.within(answerMs, read, stop));
    },
  );
  app.get(
    '/v1/events/:eventId/usage',
    {
      config: { permission: 'viewer', tenancy: 'event' },
      schema: {
        tags,
        operationId: 'getEventUsage',
        summary: 'What was billed of an event until now',
        params: eventIdParam,
        response: { 200: eventUsageSchema },
      },
    },
    async (request) => scopeOf(request).client.usageOf(request.params.eventId),
  );
}
