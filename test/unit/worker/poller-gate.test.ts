import { asyncLocalStorage, type Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { beforeEach, expect, it } from 'vitest';
import { pollerPort } from '../../../worker/poller.ts';
import { ReportGate } from '../../../worker/report-gate.ts';

const never = new AbortController().signal;
const of = { vendor: 'alibaba-oss', account: 'default' };
const run = {
  workflowId: 'live-event/one',
  runId: 'r',
  channel: 'sc-one',
  watch: { activityId: 'watch-1', attempt: 'watch-1 2 1', isUnderWay: false },
};
const result = { kind: 'connected', at: 0 } as const;
let calls: string[];
let gate: ReportGate;

const client = {
  options: { namespace: 'default', identity: 'test' },
  activity: { complete: async () => calls.push('answer') },
  workflowService: { resetActivity: async () => calls.push('reset') },
} as unknown as Client;

const reach = (isFresh: () => boolean) =>
  asyncLocalStorage.run({ cancellationSignal: never } as unknown as Context, () =>
    pollerPort(client, 'shows', { gate }).reach(of, run, { result, isFresh }),
  );

beforeEach(() => {
  calls = [];
  gate = new ReportGate();
});

it('an answer waits, like a step that is done, until the worker can go on with its run', async () => {
  for (let n = 0; n < 64; n += 1) void gate.mayReport(`live-event/${n}`, 1, never);
  const reached = reach(() => true);
  await new Promise(setImmediate);
  expect(calls).toEqual([]);
  gate.begins('live-event/7');
  expect(await reached).toBe(true);
  expect(calls).toEqual(['answer']);
});

it('an answer that has become old meanwhile is none: the run looks by itself', async () => {
  let fresh = true;
  for (let n = 0; n < 64; n += 1) void gate.mayReport(`live-event/${n}`, 1, never);
  const reached = reach(() => fresh);
  await new Promise(setImmediate);
  fresh = false;
  gate.begins('live-event/7');
  expect(await reached).toBe(true);
  expect(calls).toEqual(['reset']);
});
