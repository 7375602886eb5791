import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannedAtOnce } from '../../../client/planned.ts';
import type { PlannedSpan } from '../../../domain/preflight.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const hour = 3_600_000;
let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
  await env.work(fakeVendor().activities);
});
afterAll(() => env.close());

const at = (ms: number) => new Date(Date.now() + ms).toISOString();
const span = (fromMs: number, toMs: number, workflowId?: string): PlannedSpan => ({
  vendor: 'alibaba-oss',
  account: 'default',
  from: Date.now() + fromMs,
  to: Date.now() + toMs,
  ...(workflowId !== undefined && { workflowId }),
});

describe('what is planned in an account', () => {
  it('is counted where it overlaps, at the fullest instant, and by its channels, not by its shows', async () => {
    const start = async (fromMs: number, toMs: number) => {
      const plan = planFor({ startsAt: at(fromMs), endsAt: at(toMs), duration: undefined, warmUp: '30m', waits: {} });
      await env.showcaller.start(plan);
      return `live-event/${plan.eventId}`;
    };
    const first = await start(2 * hour, 3 * hour);
    await start(2.5 * hour, 3.5 * hour);
    await start(3.25 * hour, 4 * hour);
    const planned = plannedAtOnce(env.client);
    const count = (wanted: PlannedSpan, limit = 1) => planned(wanted, limit);

    // Lists lag behind.
    await until(async () => JSON.stringify(await count(span(2 * hour, 4 * hour), 100)) === '{"events":3}');
    expect(await count(span(2 * hour, 4 * hour))).toEqual({ events: 3 });
    expect(await count(span(2 * hour, 4 * hour, first))).toEqual({ events: 2 });
    expect(await count(span(1 * hour, 1.4 * hour))).toEqual({ events: 0 });
    expect(await count(span(1 * hour, 1.6 * hour))).toEqual({ events: 1 });
    expect(await count(span(3.6 * hour, 4 * hour))).toEqual({ events: 1 });
    expect(await count({ ...span(2 * hour, 4 * hour), account: 'another' })).toEqual({ events: 0 });
  });
});

it('counts an event that has its channel a day before its show', async () => {
  const account = 'poller-test';
  const waits = {};
  const long = { account, startsAt: at(20 * hour), endsAt: at(21 * hour), duration: undefined, warmUp: '1d', waits };
  await env.showcaller.start(planFor(long));
  // An event of the same day that holds nothing yet.
  await env.showcaller.start(planFor({ ...long, warmUp: '30m' }));
  // Not of a later instant each time: the two would come near.
  const wanted = { ...span(0, hour), account };
  const count = (limit: number) => plannedAtOnce(env.client)(wanted, limit);
  await until(async () => JSON.stringify(await count(100)) === '{"events":2}');
  expect(await count(1)).toEqual({ events: 1 });
});

it('asks what has a channel and what begins soon where a month has too many events', async () => {
  const listed: string[] = [];
  const client = {
    withDeadline: (_deadline: number, work: () => unknown) => work(),
    workflow: {
      count: async () => ({ count: 150 }),
      list: async function* ({ query }: { query: string }) {
        listed.push(query);
        for (let n = 0; n < (listed.length === 1 ? 150 : 2); n += 1) yield { workflowId: `live-event/${n}` };
      },
    },
  } as unknown as Client;
  const wanted = { vendor: 'alibaba-oss', account: 'default', from: 0, to: hour };
  expect(await plannedAtOnce(client)(wanted, 3)).toEqual({ events: 2 });
  expect(listed[1]).toBe(
    `${listed[0]} AND (ShowcallerStartsAt <= '1970-01-01T07:00:00.000Z' OR ShowcallerChannel IS NOT NULL)`,
  );
});

it('asks a run for its times once where many ask at one instant, and again after a while', async () => {
  let asked = 0;
  const status = { phase: 'scheduled', plan: undefined as unknown, endsAt: 4 * hour };
  const client = {
    withDeadline: (_deadline: number, work: () => unknown) => work(),
    workflow: {
      count: async () => ({ count: 2 }),
      list: async function* () {
        for (const workflowId of ['live-event/a', 'live-event/b']) yield { workflowId };
      },
      getHandle: () => ({
        query: async () => {
          asked += 1;
          return status;
        },
      }),
    },
  } as unknown as Client;
  const wanted = { vendor: 'alibaba-oss', account: 'default', from: 0, to: hour };

  const planned = plannedAtOnce(client);
  // What has no times yet is asked again.
  expect(await planned(wanted, 1)).toEqual({ events: 0 });
  status.plan = { startsAt: 0, hardEndsAt: 4 * hour, warmUpMs: 0, startLeadMs: 0, endsAt: 4 * hour, waits: {} };
  asked = 0;
  expect(await Promise.all([planned(wanted, 1), planned(wanted, 1)])).toEqual([{ events: 2 }, { events: 2 }]);
  expect(await planned(wanted, 1)).toEqual({ events: 2 });
  expect(asked).toBe(2);

  const forgetful = plannedAtOnce(client, 0);
  await forgetful(wanted, 1);
  await forgetful(wanted, 1);
  expect(asked).toBe(6);
});

it('counts the other events, and lists none, where the account has room for more', async () => {
  const counted: string[] = [];
  const client = {
    workflow: {
      count: async (query: string) => {
        counted.push(query);
        return { count: 150 };
      },
      list: () => {
        throw new Error('listed');
      },
    },
  } as unknown as Client;
  const planned = plannedAtOnce(client);
  expect(await planned(span(0, hour, 'live-event/x'), 151)).toEqual({ events: 150 });
  expect(counted).toEqual([expect.stringContaining("AND WorkflowId != 'live-event/x'")]);
  expect(await planned(span(0, hour, 'live-event/x'), 150)).toMatchObject({
    unknown: expect.stringContaining('listed'),
  });
});
