import { afterAll, beforeAll, expect, it } from 'vitest';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

it('the earlier runs of an event are listed where Temporal has one, and not for its first', async () => {
  const asked: string[] = [];
  const port = earlierRunPort(env.client);
  const earlierRun: typeof port = {
    ...port,
    cutOff: (run) => {
      asked.push(run.workflowId);
      return port.cutOff(run);
    },
  };
  await env.work(activitiesOn(new FakeVendor(), { earlierRun }));
  const plan = planFor({ startsAt: new Date(Date.now() + 3_600_000).toISOString(), duration: '60s' });
  const { eventId } = plan;
  const waits = () =>
    until(async () => env.phaseOf(eventId) === 'scheduled' && (await env.showcaller.status(eventId)).plan);

  const { workflowId } = await env.showcaller.start(plan, { createdBy: 'ann' });
  await waits();
  expect(asked).toEqual([]);
  expect(await env.showcaller.status(eventId)).toMatchObject({ createdBy: 'ann' });

  await env.client.workflow.getHandle(workflowId).terminate('the test says so');
  await env.showcaller.start(plan, { createdBy: 'ben' });
  await waits();
  expect(asked).toEqual([workflowId]);
  expect(await env.showcaller.status(eventId)).toMatchObject({ createdBy: 'ben' });
});
