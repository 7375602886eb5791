import { afterEach, beforeEach, expect, it } from 'vitest';
import { workflowIdOf } from '../../../domain/ids.ts';
import { fakeAccounts } from '../../support/accounts.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { type HeldTemporal, holdTemporal } from '../../support/held-temporal.ts';
import { until } from '../../support/until.ts';

let env: TestEnvironment;
let temporal: HeldTemporal;
/** Of the worker, whose calls are held. */
let behind: TestEnvironment;
beforeEach(async () => {
  env = await testEnvironment();
  temporal = await holdTemporal(env.address);
  const { namespace, taskQueue } = env;
  behind = await testEnvironment({ server: { address: temporal.address, namespace }, taskQueue });
  const vendor = new FakeVendor();
  await behind.run(
    // The next two runs evict the first.
    { timeScale: 0.1, maxCachedRuns: 2, accounts: fakeAccounts('default') },
    { drivers: async (_vendor, account) => vendor.driver(account), poller: false },
  );
});
afterEach(async () => {
  temporal.release();
  await behind.close();
  await temporal.close();
  await env.close();
});

const eventsOf = async (eventId: string) =>
  (await env.client.workflow.getHandle(workflowIdOf(eventId)).fetchHistory()).events ?? [];

async function waiting(eventId: string, startsAt: number): Promise<void> {
  await env.showcaller.start({
    eventId,
    vendor: 'alibaba-oss',
    startsAt: new Date(startsAt).toISOString(),
    duration: '60s',
    warmUp: '0s',
    startLead: '0s',
    waits: { firstConnect: '2s' },
  });
  await until(async () => (await eventsOf(eventId)).some((event) => event.timerStartedEventAttributes));
}

/** A run that no worker has in memory, and to which its time has come, while the worker reads it again for a question. */
async function readAsItsTimeComes(asked: string): Promise<{ answer: Promise<unknown> }> {
  await waiting(asked, Date.now() + 10_000);
  for (const other of ['b', 'c']) await waiting(`${other}-${env.taskQueue.slice(-8)}`, Date.now() + 3_600_000);
  // The task that begins with the time of the show waits for the next call of the worker, while the history is read.
  temporal.hold('GetWorkflowExecutionHistory', 'PollWorkflowTaskQueue');
  const handle = env.client.workflow.getHandle(workflowIdOf(asked));
  const answer = handle.query('status').catch((error: unknown) => error);
  await until(() => temporal.held.includes('GetWorkflowExecutionHistory'));
  await until(async () => (await eventsOf(asked)).some((event) => event.timerFiredEventAttributes));
  return { answer };
}

it('a run that is read again for a question, just as its time comes, does what it does without the question', async () => {
  const asked = `asked-${env.taskQueue.slice(-8)}`;
  const { answer } = await readAsItsTimeComes(asked);
  temporal.release();
  await answer;
  const handle = env.client.workflow.getHandle(workflowIdOf(asked));
  const failures = async () =>
    (await eventsOf(asked)).flatMap(({ workflowTaskFailedEventAttributes: task }) => task?.failure?.message ?? []);
  await until(async () => (await failures()).length > 0 || (await handle.describe()).status.name !== 'RUNNING');
  expect(await failures()).toEqual([]);
  expect((await env.showcaller.result(asked)).endReason).toBe('encoder-never-connected');
  // With the time of the task before, the run would have waited for its time once more.
  expect((await eventsOf(asked)).filter(({ timerStartedEventAttributes }) => timerStartedEventAttributes)).toHaveLength(
    1,
  );
});

it('a run that is terminated before the task that brings what happened has begun says what its last task left', async () => {
  const asked = `ended-${env.taskQueue.slice(-8)}`;
  const { answer } = await readAsItsTimeComes(asked);
  await env.client.workflow.getHandle(workflowIdOf(asked)).terminate('by hand');
  temporal.release();
  await answer;
  const { phase, endDetail } = await env.showcaller.result(asked);
  expect({ phase, endDetail }).toEqual({
    phase: 'failed',
    endDetail: expect.stringContaining('while scheduled (by hand)'),
  });
});
