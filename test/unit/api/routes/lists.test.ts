import { expect, it, onTestFinished } from 'vitest';
import { openAuth } from '../../../../api/auth/auth.ts';
import { createApi } from '../../../../api/server.ts';
import type { ShowcallerClient } from '../../../../client/client.ts';
import type { EventPage, PageRequest } from '../../../../client/listing.ts';
import type { ShowcallerSchedules } from '../../../../client/schedules/schedules.ts';
import { until } from '../../../support/until.ts';

/** Lists that are under way at Temporal, with the limit of each; and how many are timed. */
async function apiWithLists() {
  const asked: { limit: number; answer: () => void }[] = [];
  const timed = { count: 0 };
  const stopped: AbortSignal[] = [];
  const client = {
    page: ({ limit }: PageRequest) =>
      new Promise<EventPage>((resolve) => asked.push({ limit, answer: () => resolve({ events: [] }) })),
    within: <T>(_ms: number, work: () => Promise<T>) => work(),
    forTenant: () => ({
      ...client,
      within: <T>(_ms: number, work: () => Promise<T>, stop?: AbortSignal) => {
        timed.count += 1;
        if (stop) stopped.push(stop);
        return work();
      },
    }),
    settled: async () => undefined,
  };
  const app = await createApi({
    client: client as unknown as ShowcallerClient,
    schedules: { forTenant: () => undefined } as unknown as ShowcallerSchedules,
    auth: {
      identify: async (credentials) => ({
        ...(await openAuth.identify(credentials, 'viewer')),
        name: credentials.headers.authorization ?? '',
      }),
    },
  });
  onTestFinished(() => app.close());
  const list = async (authorization: string, limit: number) =>
    (await app.inject({ url: `/v1/events?limit=${limit}`, headers: { authorization } })).statusCode;
  const limits = () => asked.map(({ limit }) => limit);
  /** A caller on a connection of its own, which it closes. */
  const leaving = async (limit: number) => {
    const url = await listening();
    const leave = new AbortController();
    const left = fetch(`${url}/v1/events?limit=${limit}`, { signal: leave.signal }).catch(() => 'left');
    return async () => {
      leave.abort();
      await left;
    };
  };
  let url: Promise<string> | undefined;
  const listening = () => {
    url ??= app.listen({ host: '127.0.0.1', port: 0 });
    return url;
  };
  return { list, asked, limits, timed, leaving, stopped };
}

it('asks Temporal for four lists of a caller and eight of all at once, and the time of an answer includes its turn', async () => {
  const { list, asked, limits, timed } = await apiWithLists();
  const ofFlood = Array.from({ length: 6 }, (_, n) => list('flood', n + 1));
  await until(() => timed.count === 6);
  expect(limits()).toEqual([1, 2, 3, 4]);
  const ofOthers = ['a', 'b', 'c', 'd', 'e'].map((name, n) => list(name, 100 + n));
  await until(() => timed.count === 11);
  expect(limits()).toEqual([1, 2, 3, 4, 100, 101, 102, 103]);
  asked[0]?.answer();
  await until(() => asked.length === 9);
  asked[1]?.answer();
  await until(() => asked.length === 10);
  // The flood's next stands behind the other that waited.
  expect(limits().slice(8)).toEqual([104, 5]);
  for (const { answer } of asked) answer();
  await until(() => asked.length === 11);
  asked[10]?.answer();
  expect(await Promise.all([...ofFlood, ...ofOthers])).toEqual(Array(11).fill(200));
});

it('asks Temporal for no list whose caller has gone, and stops what it asks', async () => {
  const { list, asked, limits, timed, leaving, stopped } = await apiWithLists();
  const callers = [];
  for (let n = 1; n <= 5; n += 1) callers.push(await leaving(n));
  await until(() => timed.count === 5);
  for (const leave of callers) await leave();
  await until(() => stopped.every(({ aborted }) => aborted));
  const mine = list('', 7);
  for (const { answer } of asked) answer();
  await until(() => limits().includes(7));
  for (const { answer } of asked) answer();
  expect(await mine).toBe(200);
  expect(limits()).not.toContain(5);
});
