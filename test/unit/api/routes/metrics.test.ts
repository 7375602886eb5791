import { expect, it, onTestFinished } from 'vitest';
import { openAuth } from '../../../../api/auth/auth.ts';
import { metricsRoutes } from '../../../../api/routes/metrics.ts';
import { createApi } from '../../../../api/server.ts';
import type { ShowcallerClient } from '../../../../client/client.ts';
import type { ShowcallerSchedules } from '../../../../client/schedules/schedules.ts';

async function scraped(hasMore: boolean): Promise<string> {
  const client = {
    page: async () => ({ events: [], ...(hasMore && { cursor: 'more' }) }),
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
  expect(await scraped(false)).toContain('\nshowcaller_event_conditions_cut 0\n');
  expect(await scraped(true)).toContain('\nshowcaller_event_conditions_cut 1\n');
});
