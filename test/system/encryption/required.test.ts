import { randomUUID } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { CodedShow, oldKey, title, withRequiredKeys } from '../../support/codec-harness.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const { vendor, activities } = fakeVendor();
const by = { by: 'ann', reason: 'enough' };

let env: TestEnvironment;
beforeAll(async () => {
  env = await withRequiredKeys([oldKey]);
  await env.work(activities);
});
afterAll(() => env.close());

/** Starts a workflow of ours with these payloads as they are, as a client with write access to the namespace can. */
async function startRaw(workflowId: string, payloads: Payload[]): Promise<void> {
  const { namespace, taskQueue } = env;
  await env.client.workflowService.startWorkflowExecution({
    namespace,
    workflowId,
    workflowType: { name: 'liveEvent' },
    taskQueue: { name: taskQueue },
    input: { payloads },
    requestId: randomUUID(),
    identity: 'a test',
  });
}

/** Why the run's workflow task fails; Temporal tries it again until the run is terminated. */
const reasonOfFailedTask = (workflowId: string): Promise<string> =>
  until(async () => {
    const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
    const failures = events?.flatMap((event) => event.workflowTaskFailedEventAttributes?.failure ?? []) ?? [];
    const { loadedDataConverter: loaded, namespace } = env.client.options;
    const context = { type: 'workflow', namespace, workflowId } as const;
    return (await decodeOptionalFailureToOptionalError(loaded, failures[0], context))?.message;
  });

const startedWith = async (workflowId: string) => {
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  return events?.[0]?.workflowExecutionStartedEventAttributes;
};
const argumentsOf = async (workflowId: string) => ((await startedWith(workflowId))?.input?.payloads ?? []) as Payload[];
const hasResultOfRunBefore = async (workflowId: string) =>
  ((await startedWith(workflowId))?.lastCompletionResult?.payloads ?? []).length > 0;

describe.concurrent('with required encryption', () => {
  it('a whole run and its operators need nothing without encryption', async () => {
    const show = await CodedShow.start(env, { duration: '60s' });
    await show.reaches('waiting-for-encoder');
    vendor.connect(show.channel);
    await show.reaches('live');
    await env.showcaller.stopNow(show.eventId, by);
    expect(await show.result()).toMatchObject({ title, endReason: 'stopped-by-operator', released: true, audit: [by] });
  });

  it('a schedule starts runs, whose arguments were encrypted before they had an id', async () => {
    const schedules = new ShowcallerSchedules(env.client, { taskQueue: env.taskQueue });
    const scheduleId = `weekly-${randomUUID().slice(0, 8)}`;
    const soon = { warmUp: '1s', startLead: '1s', waits: { firstConnect: '30s' } };
    const plan = { title, vendor: 'alibaba-oss', duration: '60s', ...soon };
    const spec = { cron: '0 12 * * *', timeZone: 'Europe/Berlin' };
    await schedules.create({ scheduleId, plan, spec, overlap: 'skip' });
    try {
      // Temporal gives the second run the result of the first.
      for (const which of ['first', 'second']) {
        const triggered = await schedules.trigger(scheduleId);
        if (triggered.outcome !== 'started') throw new Error(`the schedule's answer: ${triggered.outcome}`);
        const { eventId } = triggered;
        await until(async () => (await env.showcaller.status(eventId).catch(() => undefined))?.title === title);
        await until(async () => (await env.showcaller.status(eventId)).phase === 'waiting-for-encoder');
        await env.showcaller.stopNow(eventId, by);
        expect(await env.showcaller.result(eventId)).toMatchObject({ title, endReason: 'stopped-by-operator' });
        expect(await hasResultOfRunBefore(`live-event/${eventId}`)).toBe(which === 'second');
        await until(async () => (await schedules.describe(scheduleId)).running.length === 0);
      }
    } finally {
      await schedules.delete(scheduleId);
    }
  });

  it('a plan without encryption starts nothing, and says why', async () => {
    const keyless = await testEnvironment({ taskQueue: env.taskQueue });
    const plan = planFor({ title });
    await new ShowcallerClient(keyless.client, { taskQueue: env.taskQueue }).start(plan);
    const handle = env.client.workflow.getHandle(`live-event/${plan.eventId}`);
    expect(await reasonOfFailedTask(handle.workflowId)).toContain('SHOWCALLER_CODEC_REQUIRED refuses such payloads');
    expect(vendor.calls.filter(({ name }) => name === `sc-${plan.eventId}`)).toEqual([]);
    await handle.terminate('end of the test');
    await keyless.close();
  });

  it('a plan that was copied from another run starts nothing, and says why', async () => {
    const show = await CodedShow.start(env, { duration: '60s', waits: { firstConnect: '1s' } });
    await show.result();
    const workflowId = `live-event/copied-${randomUUID().slice(0, 8)}`;
    await startRaw(workflowId, await argumentsOf(show.workflowId));
    expect(await reasonOfFailedTask(workflowId)).toContain(
      `was encrypted for the workflow "${show.workflowId}" and stands in "${workflowId}"`,
    );
    await env.client.workflow.getHandle(workflowId).terminate('end of the test');
  });
});
