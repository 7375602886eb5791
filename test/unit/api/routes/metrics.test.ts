import { expect, it, onTestFinished } from 'vitest';
import { openAuth } from '../../../../api/auth/auth.ts';
import { metricsRoutes } from '../../../../api/routes/metrics.ts';
import { createApi } from '../../../../api/server.ts';
import type { ShowcallerClient } from '../../../../client/client.ts';
import type { PageRequest } from '../../../../client/listing.ts';
import type { ShowcallerSchedules } from '../../../../client/schedules/schedules.ts';

/** Of an API whose Temporal has so many running events, and names a next page after each full one. */
async function scraped(running: number): Promise<string> {
  const client = {
    page: async ({ limit }: PageRequest) => {
      const length = Math.min(limit, running);
      const events = Array.from({ length }, (_, n) => ({ eventId: `e${n}`, key: `e${n}`, workflowStatus: 'RUNNING' }));
      return { events, ...(length === limit && { cursor: 'more' }) };
    },
    status: () => Promise.reject(new Error('no answer')),
    pending: async () => [],
    within: <T>(_ms: number, work: () => Promise<T>) => work(),
    workersSeen: async () => [],
    forTenant: () => client,
    settled: async () => undefined,
  };
  const deps = {
    client: client as unknown as ShowcallerClient,
    schedules: { forTenant: () => undefined } as unknown as ShowcallerSchedules,
  };
  const app = await createApi({ ...deps, auth: openAuth, metrics: metricsRoutes({ ...deps, vendors: [] }) });
  onTestFinished(() => app.close());
  return (await app.inject({ url: '/metrics' })).body;
}

it('the metrics say that more events run than are looked at for conditions', async () => {
  expect(await scraped(200)).toContain('\nshowcaller_event_conditions_cut 0\n');
  expect(await scraped(201)).toContain('\nshowcaller_event_conditions_cut 1\n');
});
