import { afterAll, beforeAll, expect, it } from 'vitest';
import { pollerIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const account = 'poller-test';
const many = 8;
let env: TestEnvironment;
let vendor: ReturnType<typeof fakeVendor>['vendor'];
const asks = { answers: 0, others: 0 };

beforeAll(async () => {
  env = await testEnvironment();
  const port = pollerPort(env.client, env.taskQueue);
  const fake = fakeVendor({
    ...port,
    reach: async (run, answer) => {
      const isReached = await port.reach(run, answer);
      if (isReached) asks[answer ? 'answers' : 'others'] += 1;
      return isReached;
    },
  });
  vendor = fake.vendor;
  vendor.lists = true;
  await env.work(fake.activities);
});
afterAll(async () => {
  await env.client.workflow.getHandle(pollerIdOf(env.taskQueue, 'alibaba-oss', account)).terminate();
  await env.close();
});

it('a server says when each watch looked last, and takes the answers of the poller', async () => {
  const waits = { firstConnect: '2h', encoderLost: '1h' };
  const plans = Array.from({ length: many }, () => planFor({ account, duration: '2h', waits }));
  await Promise.all(plans.map((plan) => env.showcaller.start(plan)));
  const ids = plans.map(({ eventId }) => eventId);
  const looksAre = (wanted: number) => until(() => ids.every((id) => vendor.count('observe', `sc-${id}`) === wanted));
  await looksAre(1);
  const { listings } = vendor;
  await until(() => vendor.listings > listings + 1);

  for (const id of ids) vendor.connect(`sc-${id}`);
  // The one look is that of the next watch: a run that looks by itself looks twice before.
  await looksAre(2);
  expect(asks).toEqual({ answers: many, others: 0 });
  const phases = await Promise.all(ids.map(async (id) => (await env.showcaller.status(id)).phase));
  expect(phases).toEqual(ids.map(() => 'live'));
  await Promise.all(ids.map((id) => env.client.workflow.getHandle(`live-event/${id}`).terminate('the test is over')));
});
