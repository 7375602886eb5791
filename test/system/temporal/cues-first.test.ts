import { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Activities } from '../../../activities/contract.ts';
import { fakeAccounts } from '../../support/accounts.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { until } from '../../support/until.ts';

const timeScale = 0.05;
/** As `TaskQueueType` of Temporal has it. */
const activityTasks = 2;
let env: TestEnvironment;
let vendor: FakeVendor;

beforeEach(async () => {
  env = await testEnvironment();
  vendor = new FakeVendor();
});
afterEach(() => env.close());

const planOf = (eventId: string, plan: object = {}) => ({
  eventId,
  vendor: 'alibaba-oss',
  duration: '1h',
  warmUp: '0s',
  startLead: '0s',
  ...plan,
});

const notYet = (nextRetryDelay: number) => ApplicationFailure.create({ message: 'not yet', nextRetryDelay });

const work = (parts: Parameters<TestEnvironment['run']>[1], environment = env) =>
  environment.run(
    { timeScale, accounts: fakeAccounts('default'), proofGraceMs: 1_000 },
    { drivers: async (_vendor, account) => vendor.driver(account), poller: false, ...parts },
  );

async function goLive(eventId: string, plan = {}): Promise<void> {
  await env.showcaller.start(planOf(eventId, plan));
  const name = `sc-${eventId}`;
  await until(() => vendor.channels.get(name)?.open === true);
  vendor.connect(name);
  await until(async () => (await env.showcaller.status(eventId)).phase === 'live');
}

describe('cues come first', () => {
  it('a show is stopped before the recordings of other shows are published, although those waited for longer', async () => {
    const begun: string[] = [];
    const tried = new Set<string>();
    const held: (() => void)[] = [];
    let begins = false;
    let holds = true;
    const observed = (activities: Activities): Activities => ({
      ...activities,
      stop: (input) => {
        begun.push(`stop ${input.channel.ref.name}`);
        return activities.stop(input);
      },
      // A look that waits for a place too would be counted with the steps below.
      watchEncoder: (watch) => {
        if (watch.last.encoder === 'connected') throw notYet(600_000);
        return activities.watchEncoder(watch);
      },
      publishVod: async (input) => {
        tried.add(input.channel.ref.name);
        if (!begins) throw notYet(1_000);
        begun.push('publishVod');
        if (holds) await new Promise<void>((resolve) => held.push(resolve));
        return activities.publishVod(input);
      },
    });
    await work({ attemptsAtOnce: 2, activities: observed });
    const others = Array.from({ length: 8 }, (_, i) => `other-${i}-${env.taskQueue.slice(-6)}`);
    const last = `last-${env.taskQueue.slice(-6)}`;
    for (const eventId of [...others, last]) await goLive(eventId);
    const by = { by: 'test', reason: 'the show is over' };
    /** Steps that Temporal keeps until the worker has a place. */
    const waiting = async (): Promise<number> => {
      const { stats } = await env.client.workflowService.describeTaskQueue({
        namespace: env.namespace,
        taskQueue: { name: env.taskQueue },
        taskQueueType: activityTasks,
        reportStats: true,
      });
      return Number(stats?.approximateBacklogCount ?? 0);
    };
    for (const eventId of others) await env.showcaller.stopNow(eventId, by);
    await until(() => tried.size === others.length);
    begins = true;
    // Two hold both places of the worker; the steps of all others wait for one.
    await until(() => held.length === 2);
    await until(async () => (await waiting()) > others.length - 3);
    await env.showcaller.stopNow(last, by);
    await until(async () => (await waiting()) > others.length - 2);
    const before = begun.length;
    holds = false;
    held.shift()?.();
    await until(() => begun.includes(`stop sc-${last}`));
    expect(begun.slice(before, begun.indexOf(`stop sc-${last}`)).length).toBeLessThanOrEqual(1);
    for (const release of held.splice(0)) release();
    for (const eventId of [...others, last]) expect((await env.showcaller.result(eventId)).phase).toBe('completed');
  });

  it('a worker that is asked to end delays no cue of the runs that it had in memory', async () => {
    // One process may have two workers of a task queue where each has a connection of its own.
    const another = await testEnvironment({ taskQueue: env.taskQueue });
    onTestFinished(() => another.close());
    const workers = new Map([
      ['first', await work({ identity: 'first' })],
      ['second', await work({ identity: 'second' }, another)],
    ]);
    const eventId = `handed-${env.taskQueue.slice(-6)}`;
    const endsAt = Date.now() + 12_000;
    await goLive(eventId, { duration: undefined, endsAt: new Date(endsAt).toISOString() });
    const handle = env.client.workflow.getHandle(`live-event/${eventId}`);
    const events = async () => (await handle.fetchHistory()).events ?? [];
    const tasks = async () => (await events()).flatMap((event) => event.workflowTaskStartedEventAttributes ?? []);
    const owner = (await tasks()).at(-1)?.identity ?? '';
    expect([...workers.keys()]).toContain(owner);
    workers.get(owner)?.shutdown();
    expect((await env.showcaller.result(eventId)).endReason).toBe('reached-end');
    // What waited for the worker that went would have timed out before another one got it.
    expect((await events()).flatMap((event) => event.workflowTaskTimedOutEventAttributes ?? [])).toEqual([]);
    expect((await tasks()).at(-1)?.identity).not.toBe(owner);
  });
});
