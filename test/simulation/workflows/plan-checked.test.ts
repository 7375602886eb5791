import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Activities } from '../../../activities/contract.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

const later = () => ({ startsAt: new Date(Date.now() + 12 * 3_600_000).toISOString() });

/** The steps of a run that are events of its history. */
async function stepsOf({ client }: TestEnvironment, eventId: string): Promise<string[]> {
  const { events } = await client.workflow.getHandle(`live-event/${eventId}`).fetchHistory();
  return events?.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []) ?? [];
}

const reaches = (own: TestEnvironment, eventId: string, phase: string) =>
  until(async () => (await own.showcaller.status(eventId).catch(() => undefined))?.phase === phase);

/** An environment whose plans are checked like this; with the attempts, and whether they were within the run's first task. */
async function stage(check: (attempt: number, usual: Activities['preparePlan']) => Activities['preparePlan']) {
  const own = await testEnvironment();
  const { activities } = fakeVendor();
  let attempts = 0;
  await own.work({
    ...activities,
    preparePlan: (input) => {
      attempts += 1;
      return check(attempts, activities.preparePlan)(input);
    },
  });
  return { own, attempts: () => attempts };
}

it('the plan is checked within the first task of the run, without a step of its own', async () => {
  const { own, attempts } = await stage((_, usual) => usual);
  const { eventId } = planFor();
  await own.showcaller.start(planFor({ eventId, ...later() }));
  await reaches(own, eventId, 'scheduled');
  expect(await stepsOf(own, eventId)).not.toContain('preparePlan');
  expect(attempts()).toBe(1);
  await own.close();
});

it('a check that fails, and may succeed later, becomes a step that says why', async () => {
  let isDown = true;
  const { own } = await stage((_, usual) => async (input) => {
    if (isDown) throw new Error('Temporal did not list the earlier runs');
    return usual(input);
  });
  const { eventId } = planFor();
  await own.showcaller.start(planFor({ eventId, ...later() }));
  const handle = own.client.workflow.getHandle(`live-event/${eventId}`);
  const pending = async () => (await handle.describe()).raw.pendingActivities ?? [];
  await until(async () => (await pending()).some(({ lastFailure }) => lastFailure?.message?.includes('earlier runs')));
  expect((await pending()).map(({ activityId }) => activityId)).toEqual(['prepare']);
  isDown = false;
  await reaches(own, eventId, 'scheduled');
  await own.close();
});

it('a check that hangs does not hold the first task: a step goes on with it', async () => {
  const { own } = await stage((attempt, usual) => (input) => (attempt === 1 ? new Promise(() => {}) : usual(input)));
  const { eventId } = planFor();
  const begun = Date.now();
  await own.showcaller.start(planFor({ eventId, ...later() }));
  await reaches(own, eventId, 'scheduled');
  expect(Date.now() - begun).toBeLessThan(10_000);
  expect(await stepsOf(own, eventId)).toContain('preparePlan');
  await own.close();
});

it('a plan that is refused is a step too, and the run ends with its report and every problem', async () => {
  const { own, attempts } = await stage((_, usual) => usual);
  const { eventId } = planFor();
  await own.client.workflow.start('liveEvent', {
    taskQueue: own.taskQueue,
    workflowId: `live-event/${eventId}`,
    args: [{ eventId, vendor: 'no-such-vendor', duration: 'long' }],
  });
  const failure = await own.client.workflow
    .getHandle(`live-event/${eventId}`)
    .result()
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({
    cause: { type: 'invalid-plan', message: expect.stringContaining('no-such-vendor') },
  });
  const [report, problems] = (failure as { cause: ApplicationFailure }).cause.details ?? [];
  expect(report).toMatchObject({ phase: 'failed', endReason: 'invalid-plan' });
  expect(problems).toMatchObject({ problems: [{ path: 'duration' }, { path: 'vendor' }] });
  expect(attempts()).toBe(2);
  expect(await stepsOf(own, eventId)).toEqual(['preparePlan']);
  await own.close();
});

it('a check within the task teaches a worker nothing of Temporal’s clock: its own clock scheduled it', async () => {
  const own = await testEnvironment();
  const clock = new RunClock();
  const activities = activitiesOn(new FakeVendor(), { clock });
  await own.work(activities, { skewMs: 20 * 60_000 });
  const { eventId } = planFor();
  await own.showcaller.start(planFor({ eventId, ...later() }));
  await reaches(own, eventId, 'scheduled');
  expect(Math.abs(clock.skewMs ?? Number.NaN)).toBeLessThan(1_000);
  await own.close();
});
