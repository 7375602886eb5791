import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { NoWorkerError } from '../../../client/errors.ts';
import type { EventSummary } from '../../../client/listing.ts';
import { UsageMemory, usageOfEvents } from '../../../client/usage.ts';
import type { EventStatus } from '../../../domain/report.ts';

const withoutReport = (workflowStatus: string, n: number): EventSummary => ({
  eventId: `e-${n}`,
  key: `e-${n}`,
  vendor: 'aws-ivs',
  account: 'default',
  workflowStatus,
});

it.each(['RUNNING', 'TERMINATED', 'CANCELLED'])(
  'the %s events of a task queue without workers are not all waited for: they are named as unknown',
  async (status) => {
    let asked = 0;
    const client = {
      async *listRuns(query: string) {
        if (query.includes("'Terminated'")) return;
        for (let n = 0; n < 500; n += 1) yield withoutReport(status, n);
      },
      status: async () => {
        asked += 1;
        throw new NoWorkerError('nowhere');
      },
    };
    const usage = await usageOfEvents(client, {} as Client, { from: 0, to: Date.now() });
    expect(asked).toBeLessThanOrEqual(60);
    expect(usage.length).toBe(500);
    expect(usage[0]?.unknown).toEqual([expect.stringContaining('no worker answers on task queue nowhere')]);
    expect(usage[499]?.unknown).toEqual([
      expect.stringMatching(/no worker answered for \d+ others, so it was not asked/),
    ]);
  },
);

it('a span that begins in the year 0 is one that Temporal can be asked for', async () => {
  const queries: string[] = [];
  const client = {
    // biome-ignore lint/correctness/useYield: there are no events.
    async *listRuns(query: string) {
      queries.push(query);
    },
    status: () => Promise.reject(new Error('nothing is there to be asked')),
  };
  await usageOfEvents(client, {} as Client, { from: Date.parse('0000-01-01T00:00:00Z'), to: Date.now() });
  expect(queries).toEqual([
    expect.stringContaining("CloseTime >= '1970-01-01T00:00:00.000Z'"),
    ...new Array(2).fill(expect.stringContaining("CloseTime < '1970-01-01T00:00:00.000Z'")),
  ]);
});

it('a run that was terminated long before the span is billed in it, until a sweep releases what it left', async () => {
  const day = 86_400_000;
  const to = Date.now();
  const from = to - 2 * day;
  const [startedAt, closedAt] = [to - 6 * day, to - 5 * day];
  const cutOff = { ...withoutReport('RUNNING', 1), vendor: 'azure-media-services', workflowStatus: 'TERMINATED' };
  const status = {
    vendor: cutOff.vendor,
    account: 'default',
    phase: 'failed',
    released: false,
    windows: [],
    sessions: [],
    entered: { allocating: startedAt },
    billing: [{ resource: 'live event', name: 'sc-1', state: 'running', at: startedAt }],
  };
  const client = {
    async *listRuns(query: string) {
      if (query.includes("ExecutionStatus IN ('Terminated', 'TimedOut')"))
        yield { ...cutOff, run: { workflowId: 'w', runId: 'r', startedAt, closedAt } };
    },
    status: async () => status as unknown as EventStatus,
  };
  const temporal = (released: () => unknown) =>
    ({ workflow: { getHandle: () => ({ result: async () => released() }) } }) as unknown as Client;
  const unswept = temporal(() => {
    throw new WorkflowNotFoundError('none', 'none', undefined);
  });
  const span = { resource: 'live event', name: 'sc-1', state: 'running', from };
  expect(await usageOfEvents(client, unswept, { from, to })).toMatchObject([
    { spans: [{ ...span, to, goesOn: true }] },
  ]);
  const sweptAt = from + day;
  const off = { resource: 'live event', name: 'sc-1', state: 'off', at: sweptAt };
  const swept = temporal(() => ({ at: sweptAt, states: [off], sessions: [] }));
  expect(await usageOfEvents(client, swept, { from, to })).toMatchObject([{ spans: [{ ...span, to: sweptAt }] }]);
});

const nothingElse = { released: true, windows: [], sessions: [], left: undefined };

it('what the events of an account share is billed in a month without events, as the newest event of each account saw it', async () => {
  const day = 86_400_000;
  const to = Date.now();
  const from = to - 2 * day;
  const vendor = 'azure-media-services';
  const closed = ['east', 'east', 'west'].map((account, n): EventSummary => {
    const run = { workflowId: `w-${n}`, runId: `r-${n}`, startedAt: from - 9 * day, closedAt: from - 8 * day };
    return { ...withoutReport('RUNNING', n), vendor, account, workflowStatus: 'COMPLETED', run };
  });
  const client = {
    async *listRuns(query: string) {
      if (/ExecutionStatus|CloseTime IS NULL/.test(query)) return;
      expect(query).toContain(`ShowcallerVendor = '${vendor}'`);
      const isAsked = ({ account }: EventSummary) =>
        !query.includes(`!= '${account}'`) &&
        (!query.includes('ShowcallerAccount = ') || query.includes(` = '${account}'`));
      yield* closed.filter(isAsked);
    },
    status: async (key: string) => {
      const account = closed.find((one) => one.key === key)?.account;
      const billing = [
        { resource: 'live event', name: key, state: 'running', at: from - 9 * day },
        { resource: 'live event', name: key, state: 'off', at: from - 8 * day },
        { resource: 'streaming endpoint', name: `default of ${account}`, state: 'running', at: from - 9 * day },
      ];
      return { ...nothingElse, vendor, account, phase: 'completed', entered: {}, billing } as unknown as EventStatus;
    },
  };
  const usage = await usageOfEvents(client, {} as Client, { from, to });
  const endpoint = { resource: 'streaming endpoint', state: 'running', goesOn: true, from };
  expect(usage.map(({ account, spans }) => ({ account, spans }))).toMatchObject([
    { account: 'east', spans: [endpoint] },
    { account: 'east', spans: [endpoint] },
    { account: 'west', spans: [endpoint] },
  ]);
});

it('an event that made nothing is read once, though its run failed', async () => {
  const to = Date.now();
  const [startedAt, closedAt] = [to - 10_000, to - 5_000];
  const missed = {
    ...withoutReport('RUNNING', 1),
    workflowStatus: 'FAILED',
    run: { workflowId: 'w', runId: 'r', startedAt, closedAt },
  };
  let asked = 0;
  const client = {
    async *listRuns(query: string) {
      if (query.includes('CloseTime >=')) yield missed;
    },
    status: async () => {
      asked += 1;
      const of = { ...nothingElse, vendor: 'aws-ivs', account: 'default', phase: 'failed', released: false };
      return { ...of, entered: { scheduled: startedAt, failed: closedAt } } as unknown as EventStatus;
    },
  };
  const memory = new UsageMemory();
  for (const _ of [1, 2])
    expect(await usageOfEvents(client, {} as Client, { from: startedAt, to }, memory)).toEqual([]);
  expect(asked).toBe(1);
});
