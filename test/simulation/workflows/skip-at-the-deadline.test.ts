import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { fakeVendor, planFor, type TestEnvironment, testEnvironment, until } from '../../support/environment.ts';

let env: TestEnvironment;
const workers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(async () => {
  for (const stop of workers) await stop();
  await env.close();
});

/** A worker for one half of the work alone: what the other half does is then in the test's hand. */
async function half(options: Partial<Parameters<typeof Worker.create>[0]>): Promise<() => Promise<void>> {
  const worker = await Worker.create({
    connection: env.native,
    namespace: env.namespace,
    taskQueue: env.taskQueue,
    maxCachedWorkflows: 0,
    ...options,
  });
  const running = worker.run();
  const stop = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  };
  workers.push(stop);
  return stop;
}

it('a wait that is skipped in the instant in which it ends is skipped', async () => {
  const { activities } = fakeVendor();
  const workflowBundle = { code: inject('workflowCode') };
  await half({ activities: { ...activities } });
  const stopFirst = await half({ workflowBundle });
  const plan = planFor({ duration: '60s', waits: { firstConnect: '3s' } });
  await env.showcaller.start(plan);
  const handle = env.client.workflow.getHandle(`live-event/${plan.eventId}`);
  await until(async () => (await handle.query<EventStatus>('status')).entered['waiting-for-encoder']);
  await stopFirst();

  await until(async () => {
    const events = (await handle.fetchHistory()).events ?? [];
    const watch = events.findLast((event) => event.activityTaskScheduledEventAttributes);
    return events.some(
      ({ activityTaskCompletedEventAttributes: done }) =>
        done && String(done.scheduledEventId) === String(watch?.eventId),
    );
  });
  const skipped = handle.executeUpdate('skipWait', { args: [{ by: 'tester', reason: 'late enough' }] });
  await half({ workflowBundle });
  expect(await skipped).toMatchObject({ accepted: true });
  const { phase } = await handle.query<EventStatus>('status');
  expect(phase).toBe('live');
  await env.showcaller.cancel(plan.eventId);
  await env.showcaller.result(plan.eventId);
});
