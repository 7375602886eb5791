import { expect, it, onTestFinished } from 'vitest';
import { openAuth } from '../../../../api/auth/auth.ts';
import { counted } from '../../../../api/counted-delivery.ts';
import { type MetricsDeps, metricsRoutes } from '../../../../api/routes/metrics.ts';
import { createApi } from '../../../../api/server.ts';
import type { ShowcallerClient } from '../../../../client/client.ts';
import type { PageRequest } from '../../../../client/listing.ts';
import type { ShowcallerSchedules } from '../../../../client/schedules/schedules.ts';
import type { ScheduleReport } from '../../../../client/schedules/view.ts';

/** Of an API whose Temporal has so many running events, and names a next page after each full one. */
async function scraped(
  running: number,
  page?: ShowcallerSchedules['page'],
  of?: Partial<MetricsDeps>,
): Promise<string> {
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
    schedules: { forTenant: () => undefined, page } as unknown as ShowcallerSchedules,
  };
  const app = await createApi({ ...deps, auth: openAuth, metrics: metricsRoutes({ ...deps, vendors: [], ...of }) });
  onTestFinished(() => app.close());
  return (await app.inject({ url: '/metrics' })).body;
}

it('the metrics say that more events run than are looked at for conditions', async () => {
  expect(await scraped(200)).toContain('\nshowcaller_event_conditions_cut 0\n');
  expect(await scraped(201)).toContain('\nshowcaller_event_conditions_cut 1\n');
});

/** So many schedules, in full pages; of the first the plan cannot be read. */
function pagesOf(schedules: number): ShowcallerSchedules['page'] {
  return async ({ limit, cursor = '0' }) => {
    const from = Number(cursor);
    const length = Math.min(limit, schedules - from);
    const report = { paused: false, missed: 1, skipped: 0 } as ScheduleReport;
    const unreadable = from === 0 ? [{ key: 's0', reason: 'no key' }] : [];
    const found = { schedules: Array<ScheduleReport>(length - unreadable.length).fill(report), unreadable };
    return from + length < schedules ? { ...found, cursor: String(from + length) } : found;
  };
}

it('the metrics say that there are more schedules than are counted, and count those that cannot be read', async () => {
  const all = await scraped(0, pagesOf(500));
  expect(all).toContain('\nshowcaller_schedules{state="active"} 499\n');
  expect(all).toContain('\nshowcaller_schedules{state="unreadable"} 1\n');
  expect(all).toContain('\nshowcaller_schedules_cut 0\n');
  const cut = await scraped(0, pagesOf(700));
  expect(cut).toContain('\nshowcaller_schedules{state="active"} 500\n');
  expect(cut).toContain('\nshowcaller_schedules_cut 1\n');
});

it('the metrics count the vendor events by what came of them, also those that are left out', async () => {
  const passed = { delivered: 50, known: 1, unknown: 2, malformed: 3, dropped: 70, notLookedUp: 4800 };
  const delivery = counted({ deliver: async () => passed });
  for (let requests = 0; requests < 2; requests += 1) await delivery.deliver('aws-ivs', []);
  const text = await scraped(0, undefined, { vendorEvents: delivery.counts });
  const of = (outcome: string) => `showcaller_api_vendor_events_total{vendor="aws-ivs",outcome="${outcome}"}`;
  expect(text).toContain(`\n${of('delivered')} 100\n`);
  expect(text).toContain(`\n${of('dropped')} 140\n`);
  expect(text).toContain(`\n${of('notLookedUp')} 9600\n`);
});
