import { afterAll, beforeAll, expect, it } from 'vitest';
import { pollerIdOf, workflowIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const account = 'poller-answers-late';
const many = 8;
let env: TestEnvironment;
let vendor: FakeVendor;
/** While it is set, Temporal does not say yet which runs are on the channels. */
let held: Promise<void> | undefined;
let isAsked = false;
let answers = 0;

beforeAll(async () => {
  env = await testEnvironment();
  vendor = new FakeVendor();
  vendor.lists = true;
  const port = pollerPort(env.client, env.taskQueue);
  const poller = {
    ...port,
    find: async (...given: Parameters<typeof port.find>) => {
      isAsked = true;
      await held;
      return port.find(...given);
    },
    reach: (...[run, answer]: Parameters<typeof port.reach>) => {
      if (answer) answers += 1;
      return port.reach(run, answer);
    },
  };
  await env.work(activitiesOn(vendor, { accounts: () => [account], poller }));
});
afterAll(async () => {
  await env.client.workflow
    .getHandle(pollerIdOf(env.taskQueue, 'alibaba-oss', account))
    .terminate()
    .catch(() => undefined);
  await env.close();
});

const statusOf = (eventId: string) => env.showcaller.status(eventId).catch(() => undefined);
const allAre = (ids: readonly string[], wanted: string) =>
  until(async () => (await Promise.all(ids.map(statusOf))).every((status) => status?.phase === wanted));
const looksAre = (ids: readonly string[], wanted: number) =>
  until(() => ids.every((id) => vendor.count('observe', `sc-${id}`) >= wanted));

it('what a list saw before the run saw a loss ends no watch that began after it', async () => {
  const waits = { firstConnect: '50m', encoderLost: '50m' };
  const plans = Array.from({ length: many }, () => planFor({ account, duration: '60m', waits }));
  await Promise.all(plans.map((plan) => env.showcaller.start(plan)));
  const ids = plans.map(({ eventId }) => eventId);
  const [one = ''] = ids;
  await allAre(ids, 'waiting-for-encoder');
  await looksAre(ids, 1);
  for (const id of ids) vendor.connect(`sc-${id}`);
  await allAre(ids, 'live');
  await looksAre(ids, 2);
  answers = 0;

  let release = () => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  isAsked = false;
  for (const id of ids) {
    vendor.disconnect(`sc-${id}`);
    vendor.connect(`sc-${id}`);
  }
  await until(() => isAsked);
  // The list has all encoders. This one goes, which a vendor event makes its run see, and is back before Temporal answers the poller.
  const looks = vendor.count('observe', `sc-${one}`);
  vendor.disconnect(`sc-${one}`);
  await env.client.workflow.getHandle(workflowIdOf(one)).signal('look');
  await allAre([one], 'encoder-lost');
  // Two that agree, and the first of the next watch.
  await looksAre([one], looks + 3);
  vendor.connect(`sc-${one}`);
  held = undefined;
  release();
  await allAre([one], 'live');
  const { windows, gaps } = (await statusOf(one)) ?? {};
  expect({ answers, windows: windows?.length, gaps: gaps?.length }).toEqual({ answers: many - 1, windows: 2, gaps: 1 });
});
