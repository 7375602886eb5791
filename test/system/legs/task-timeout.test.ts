import { afterAll, beforeAll, expect, it } from 'vitest';
import { workflowIdOf } from '../../../domain/ids.ts';
import { legsPort } from '../../../worker/legs.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { type Schedules, schedulesOf } from '../../support/schedules-harness.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const by = { by: 'tester', reason: 'all is seen' };
const waits = { firstConnect: '10m', encoderLost: '10m' };
let env: TestEnvironment;
let shows: Schedules;

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activitiesOnAccounts({ a: new FakeVendor(), b: new FakeVendor() }, { legs: legsPort(env.client) }));
  shows = schedulesOf(env);
});
afterAll(async () => {
  await shows?.clear();
  await env?.close();
});

/** How long a worker that died while it had begun a task keeps the run waiting, in seconds. */
async function taskTimeoutOf(key: string): Promise<number> {
  const { events } = await env.client.workflow.getHandle(workflowIdOf(key)).fetchHistory();
  return Number(events?.[0]?.workflowExecutionStartedEventAttributes?.workflowTaskTimeout?.seconds);
}

it('a run that a client starts, its legs, and a run of a schedule wait 5 s for a worker that died', async () => {
  const legs = [
    { name: 'main', vendor: 'alibaba-oss', account: 'a' },
    { name: 'backup', vendor: 'alibaba-oss', account: 'b' },
  ];
  const plan = planFor({ vendor: undefined, duration: '1h', warmUp: '1s', startLead: '1s', waits, legs });
  const { eventId } = await env.showcaller.start(plan);
  await until(async () => {
    const status = await env.showcaller.status(eventId).catch(() => undefined);
    return status?.legs?.every((leg) => leg.status?.phase === 'waiting-for-encoder');
  });
  const { scheduleId } = await shows.create({ plan: { account: 'a', warmUp: '1s', startLead: '1s', waits } });
  const triggered = await shows.schedules.trigger(scheduleId);
  if (triggered.outcome !== 'started') throw new Error(triggered.outcome);

  const keys = [eventId, `${eventId}@main`, `${eventId}@backup`, triggered.eventId];
  expect(await Promise.all(keys.map(taskTimeoutOf))).toEqual([5, 5, 5, 5]);
  for (const id of [eventId, triggered.eventId]) await env.showcaller.stopNow(id, by);
  for (const id of [eventId, triggered.eventId]) expect((await env.showcaller.result(id)).released).toBe(true);
});
