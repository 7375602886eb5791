import { z } from 'zod';
import { atMostEvery } from '../../temporal/at-most-every.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { unavailable } from '../http/problem.ts';

const config = { permission: 'public', tenancy: 'none', unlimited: true, answerMs: 3_000 } as const;
const alive = z.object({ status: z.literal('ok') });
const ready = z.object({
  status: z.literal('ready'),
  workers: z.int().describe('How many workers poll for events; without one, events wait safely in Temporal.'),
});

/** Without a token and without a rate limit. */
const asksTemporalEveryMs = 1_000;

/** For orchestrators and load balancers. */
export function healthRoutes(app: Api, { client, tokens }: ApiDeps): void {
  const workersNow = atMostEvery(asksTemporalEveryMs, () => client.workers());
  app.get(
    '/healthz',
    {
      config,
      schema: { tags: ['service'], operationId: 'health', summary: 'The process answers', response: { 200: alive } },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      config,
      schema: {
        tags: ['service'],
        operationId: 'readiness',
        summary: 'Temporal answers',
        description: 'With `?workers=required` a worker must poll too.',
        querystring: z.strictObject({ workers: z.literal('required').optional() }),
        response: { 200: ready },
      },
    },
    async ({ query }) => {
      if (tokens?.refusesAll()) throw unavailable('the token file cannot be read, and no token of it counts any more');
      const workers = await workersNow();
      if (query.workers && workers === 0) throw unavailable('no worker polls for events');
      return { status: 'ready' as const, workers };
    },
  );
}
