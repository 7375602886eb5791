import { expect, it, onTestFinished, vi } from 'vitest';
import { openAuth } from '../../../../api/auth/auth.ts';
import { createApi } from '../../../../api/server.ts';
import type { ShowcallerClient } from '../../../../client/client.ts';
import type { EventPage, PageRequest } from '../../../../client/listing.ts';
import type { ShowcallerSchedules } from '../../../../client/schedules/schedules.ts';

/** Lists that are under way at Temporal, and what each asks for. */
async function apiWithLists() {
  const asked: { limit: number; answer: () => void }[] = [];
  const client = {
    page: ({ limit }: PageRequest) =>
      new Promise<EventPage>((resolve) => asked.push({ limit, answer: () => resolve({ events: [] }) })),
    within: <T>(_ms: number, work: () => Promise<T>) => work(),
    forTenant: () => client,
    settled: async () => undefined,
  };
  const app = await createApi({
    client: client as unknown as ShowcallerClient,
    schedules: { forTenant: () => undefined } as unknown as ShowcallerSchedules,
    auth: openAuth,
  });
  onTestFinished(() => app.close());
  return { app, asked };
}

it('asks Temporal for eight lists of a tenant at once, the next as one is answered, and for those of others beside', async () => {
  const { app, asked } = await apiWithLists();
  const list = async (limit: number, tenant: string) =>
    (await app.inject({ url: `/v1/events?limit=${limit}&tenant=${tenant}` })).statusCode;
  const ofFlood = Array.from({ length: 10 }, (_, n) => list(n + 1, 'flood'));
  await vi.waitUntil(() => asked.length === 8);
  const ofOther = list(100, 'other');
  await vi.waitUntil(() => asked.length === 9);
  expect(asked.map(({ limit }) => limit)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 100]);
  asked[8]?.answer();
  expect(await ofOther).toBe(200);
  asked[0]?.answer();
  await vi.waitUntil(() => asked.length === 10);
  expect(asked[9]?.limit).toBe(9);
  for (const { answer } of asked) answer();
  await vi.waitUntil(() => asked.length === 11);
  asked[10]?.answer();
  expect(await Promise.all(ofFlood)).toEqual(Array(10).fill(200));
});
