import { type Client, ServiceError } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Activities } from '../../../activities/contract.ts';
import { pollerIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment, TestWorker } from '../environment-types.ts';
import { by } from './workflows-harness.ts';

let env: TestEnvironment;
let activities: Activities;
let worker: TestWorker;
let vendor: ReturnType<typeof fakeVendor>['vendor'];
/** The runs that are not to be reached, and whether Temporal answers questions at all. */
const full = new Set<string>();
let isDown = false;
let asked = 0;
/** How often each run was made to look: by the poller, not by a look of its own. */
const resets = new Map<string, number>();
/** An older server cannot begin the next attempt of an activity. */
let isOld = false;

/** Temporal as the poller sees it: a run refuses signals after its ten thousandth. */
const refusing = (client: Client): Client =>
  ({
    options: client.options,
    activity: client.activity,
    workflowService: {
      describeWorkflowExecution: client.workflowService.describeWorkflowExecution.bind(client.workflowService),
      resetActivity: async (request: { execution: { workflowId: string } }) => {
        const { workflowId } = request.execution;
        if (isOld) throw Object.assign(new Error('unknown method'), { code: 12, details: '', metadata: {} });
        if (full.has(workflowId)) throw new ServiceError('not permitted');
        await client.workflowService.resetActivity(request);
        resets.set(workflowId, (resets.get(workflowId) ?? 0) + 1);
      },
    },
    workflow: {
      list: (options: { query: string }) => {
        asked += 1;
        if (isDown) throw new ServiceError('14 UNAVAILABLE');
        return client.workflow.list(options);
      },
      count: async (query: string) => {
        if (isDown) throw new ServiceError('14 UNAVAILABLE');
        return client.workflow.count(query);
      },
      start: client.workflow.start.bind(client.workflow),
      getHandle: (workflowId: string) => ({
        signal: async (name: string) => {
          if (full.has(workflowId)) throw new ServiceError('exceeded workflow execution limit for signal events');
          return client.workflow.getHandle(workflowId).signal(name);
        },
      }),
    },
  }) as unknown as Client;

beforeAll(async () => {
  env = await testEnvironment();
  const fake = fakeVendor(pollerPort(refusing(env.client), env.taskQueue));
  vendor = fake.vendor;
  vendor.lists = true;
  activities = fake.activities;
  worker = await env.work(activities);
});
afterAll(async () => {
  await env.client.workflow.getHandle(pollerId()).terminate();
  await env.close();
});

const pollerId = () => pollerIdOf(env.taskQueue, 'alibaba-oss', 'poller-test');
const workflowIdOf = (eventId: string) => `live-event/${eventId}`;
const phaseOf = async (eventId: string) => (await env.showcaller.status(eventId).catch(() => undefined))?.phase;
const ticks = async (n: number) => {
  const { listings } = vendor;
  await until(() => vendor.listings > listings + n);
};

async function liveShow(): Promise<string> {
  const plan = planFor({ account: 'poller-test', duration: '60m', waits: { firstConnect: '60m', encoderLost: '50m' } });
  await env.showcaller.start(plan);
  await until(async () => (await phaseOf(plan.eventId)) === 'waiting-for-encoder');
  vendor.connect(`sc-${plan.eventId}`);
  await until(async () => (await phaseOf(plan.eventId)) === 'live');
  return plan.eventId;
}

const end = async (...eventIds: string[]) => {
  for (const eventId of eventIds) await env.showcaller.stopNow(eventId, { ...by, keepRecording: false });
  await Promise.all(eventIds.map((eventId) => env.showcaller.result(eventId)));
};

async function signals(eventId: string): Promise<number> {
  const { events } = await env.client.workflow.getHandle(workflowIdOf(eventId)).fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
}

const reached = (eventId: string): number => resets.get(workflowIdOf(eventId)) ?? 0;

async function reachedAfterLoss(eventId: string, meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
  const before = reached(eventId);
  vendor.disconnect(`sc-${eventId}`);
  await meanwhile();
  await until(() => reached(eventId) > before);
  await until(async () => (await phaseOf(eventId)) === 'encoder-lost');
  expect(await signals(eventId)).toBe(0);
}

it('a run that is not to be reached keeps no other run from its own', async () => {
  const refused = await liveShow();
  const other = await liveShow();
  full.add(workflowIdOf(refused));
  vendor.disconnect(`sc-${refused}`);
  await ticks(2);
  await reachedAfterLoss(other);
  const { raw } = await env.client.workflow.getHandle(pollerId()).describe();
  expect(raw.pendingActivities?.map(({ attempt }) => attempt)).toEqual([1]);
  full.clear();
  await end(refused, other);
});

it('what changed while Temporal did not answer reaches the run once it answers again', async () => {
  const eventId = await liveShow();
  await ticks(2);
  isDown = true;
  await reachedAfterLoss(eventId, async () => {
    asked = 0;
    await until(() => asked > 8);
    isDown = false;
  });
  await end(eventId);
});

it('what changed while no poller ran reaches the run by the next one', async () => {
  const eventId = await liveShow();
  await ticks(2);
  await reachedAfterLoss(eventId, async () => {
    await worker.stop();
    worker = await env.work(activities);
  });
  await end(eventId);
});

it('a poller that begins anew leaves those runs alone that know what it sees', async () => {
  const shows = await Promise.all(Array.from({ length: 3 }, liveShow));
  await ticks(2);
  const seen = () => shows.map((id) => [reached(id), vendor.count('observe', `sc-${id}`)]);
  const before = seen();
  await worker.stop();
  worker = await env.work(activities);
  await ticks(3);
  expect(seen()).toEqual(before);
  await end(...shows);
});

it('a server that cannot begin the next attempt is asked to signal the run', async () => {
  const eventId = await liveShow();
  await ticks(2);
  isOld = true;
  vendor.disconnect(`sc-${eventId}`);
  await until(async () => (await phaseOf(eventId)) === 'encoder-lost');
  expect(await signals(eventId)).toBe(1);
  isOld = false;
  await end(eventId);
});

it('an attempt that hangs while the encoder changes is replaced', async () => {
  const eventId = await liveShow();
  await ticks(2);
  const looks = vendor.count('observe', `sc-${eventId}`);
  let answer = () => {};
  vendor.looksAfter = new Promise((resolve) => {
    answer = resolve;
  });
  await env.client.workflowService.resetActivity({
    namespace: env.client.options.namespace,
    execution: { workflowId: workflowIdOf(eventId) },
    type: 'watchEncoder',
  });
  await until(() => vendor.count('observe', `sc-${eventId}`) > looks);
  vendor.looksAfter = undefined;
  vendor.disconnect(`sc-${eventId}`);
  await until(async () => (await phaseOf(eventId)) === 'encoder-lost');
  answer();
  expect(await signals(eventId)).toBe(1);
  await end(eventId);
});
