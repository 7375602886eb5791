import { asyncLocalStorage, type Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

/** Temporal describes one run, with these activities. */
const describing = (pendingActivities: object[]) =>
  ({
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
    workflow: {
      async *list() {
        yield { workflowId: 'live-event/one', searchAttributes: { ShowcallerChannel: ['sc-one'] } };
      },
    },
    workflowService: { describeWorkflowExecution: async () => ({ pendingActivities }) },
  }) as unknown as Client;

const watchOf = (activityId: string, state: number, details?: unknown) => ({
  activityId,
  activityType: { name: 'watchEncoder' },
  state,
  attempt: 2,
  lastAttemptCompleteTime: msToTs(5_000),
  lastFailure: {
    applicationFailureInfo: {
      type: 'not-yet',
      ...(details !== undefined && { details: { payloads: [payloadOf(details)] } }),
    },
  },
});
const payloadOf = (value: unknown) => defaultPayloadConverter.toPayload(value);
const [scheduled, started, cancelRequested] = [1, 2, 3];
const lookedFor = { last: { encoder: 'absent' }, until: 7 };
const found = async (...watches: object[]) => {
  const [run] = await pollerPort(describing(watches), 'shows').find(of.vendor, of.account, ['sc-one']);
  return run?.watch;
};

it('a watch that waits says what it looks for', async () => {
  expect(await found(watchOf('watch-1', scheduled, lookedFor))).toMatchObject({
    isUnderWay: false,
    of: { ...lookedFor, lookedAt: 5_000 },
  });
});

it('a watch of which Temporal does not say when it looked is not answered', async () => {
  const { lastAttemptCompleteTime: _, ...watch } = watchOf('watch-1', scheduled, lookedFor);
  expect((await found(watch))?.of).toBeUndefined();
});

it('a watch that was cancelled and is still under way hides no next one', async () => {
  const watch = await found(watchOf('watch-1', cancelRequested, lookedFor), watchOf('watch-2', scheduled, lookedFor));
  expect(watch?.activityId).toBe('watch-2');
});

it.each([
  ['is under way', started, lookedFor],
  ['was cancelled', cancelRequested, lookedFor],
  ['does not say it', scheduled, undefined],
  ['says something else', scheduled, { until: 7 }],
  ['says it in no words of ours', scheduled, 'soon'],
])('a watch that %s looks for nothing that could be answered', async (_, state, details) => {
  expect((await found(watchOf('watch-1', state, details)))?.of).toBeUndefined();
});

const reach = (isFresh: () => boolean) =>
  asyncLocalStorage.run({ cancellationSignal: never } as unknown as Context, () =>
    pollerPort(client, 'shows', { gate }).reach(run, { result, isFresh }),
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
  expect(await reached).toBe('reached');
  expect(calls).toEqual(['answer']);
});

it('an answer that has become old meanwhile is none: the run looks by itself', async () => {
  let fresh = true;
  for (let n = 0; n < 64; n += 1) void gate.mayReport(`live-event/${n}`, 1, never);
  const reached = reach(() => fresh);
  await new Promise(setImmediate);
  fresh = false;
  gate.begins('live-event/7');
  expect(await reached).toBe('reached');
  expect(calls).toEqual(['reset']);
});

describe('a show', () => {
  const overOf = (described: object) => {
    const client = {
      withDeadline: (_: number, ask: () => Promise<unknown>) => ask(),
      workflow: { getHandle: () => ({ describe: async () => described }) },
    } as unknown as Client;
    return pollerPort(client, 'shows').isShowOver('live-event/one');
  };

  it.each([
    ['waits for its encoder', { searchAttributes: { ShowcallerPhase: ['waiting-for-encoder'] } }, false],
    ['has lost its encoder', { searchAttributes: { ShowcallerPhase: ['encoder-lost'] } }, false],
    ['is in a phase that no list shows', { searchAttributes: {} }, false],
    ['is being stopped', { searchAttributes: { ShowcallerPhase: ['stopping'] } }, true],
    ['was terminated', { searchAttributes: { ShowcallerPhase: ['live'] }, closeTime: new Date() }, true],
  ])('that %s is over or not', async (_, described, isOver) => {
    expect(await overOf(described)).toBe(isOver);
  });
});

describe('the poller of an account', () => {
  const second = 1_000;
  let started: string[];
  let isDown: boolean;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    started = [];
    isDown = false;
  });
  afterEach(() => void vi.useRealTimers());

  const starting = () =>
    pollerPort(
      {
        workflow: {
          start: async (_: string, { workflowId }: { workflowId: string }) => {
            started.push(workflowId);
            if (isDown) throw new Error('Temporal is down');
          },
        },
      } as unknown as Client,
      'shows',
    );

  it('is looked up again half a minute after it was there', async () => {
    const port = starting();
    expect(await port.ensure('alibaba-oss', 'default')).toBe(true);
    vi.advanceTimersByTime(30 * second - 1);
    expect(await port.ensure('alibaba-oss', 'default')).toBe(true);
    expect(started).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(await port.ensure('alibaba-oss', 'default')).toBe(true);
    expect(started).toHaveLength(2);
  });

  it('is started for each account', async () => {
    const port = starting();
    await port.ensure('alibaba-oss', 'default');
    await port.ensure('alibaba-oss', 'other');
    expect(new Set(started).size).toBe(2);
  });

  it('is not taken to be there while it cannot be started, also where it was there before', async () => {
    const port = starting();
    isDown = true;
    expect(await port.ensure('alibaba-oss', 'default')).toBe(false);
    isDown = false;
    expect(await port.ensure('alibaba-oss', 'default')).toBe(true);
    isDown = true;
    vi.advanceTimersByTime(30 * second);
    expect(await port.ensure('alibaba-oss', 'default')).toBe(false);
    expect(started).toHaveLength(3);
  });
});
