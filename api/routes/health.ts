import { z } from 'zod';
import type { Api, ApiDeps } from '../deps.ts';
import { unavailable } from '../http/problem.ts';

const answerMs = 3_000;
const config = { permission: 'public', unlimited: true } as const;
const alive = z.object({ status: z.literal('ok') });
const ready = z.object({
  status: z.literal('ready'),
  workers: z.int().describe('How many workers take up events; without one, events wait safely in Temporal.'),
});

/** For whoever looks after this process. */
export function healthRoutes(app: Api, { client }: ApiDeps): void {
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
        description: 'With `?workers=required` also a worker must be there.',
        querystring: z.strictObject({ workers: z.literal('required').optional() }),
        response: { 200: ready },
      },
    },
    async ({ query }) => {
      const workers = await client.within(answerMs, () => client.workers());
      if (query.workers && workers === 0) throw unavailable('no worker takes up events');
      return { status: 'ready' as const, workers };
    },
  );
}
