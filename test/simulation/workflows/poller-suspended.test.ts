import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { pollerIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const account = 'poller-suspended';
let env: TestEnvironment;
let vendor: FakeVendor;

beforeAll(async () => {
  env = await testEnvironment();
  vendor = new FakeVendor();
  vendor.lists = true;
  const poller = pollerPort(env.client, env.taskQueue);
  await env.work(activitiesOn(vendor, { accounts: () => [account], poller }));
});
afterAll(async () => {
  await pollerRun().terminate();
  await env.close();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const pollerRun = () => env.client.workflow.getHandle(pollerIdOf(env.taskQueue, 'alibaba-oss', account));
const attempt = async () => (await pollerRun().describe()).raw.pendingActivities?.[0];

it('a poller whose machine was suspended begins anew, so that it learns the time', async () => {
  const plan = planFor({ account, duration: '60m', waits: { firstConnect: '50m' } });
  await env.showcaller.start(plan);
  await until(() => vendor.count('observe', `sc-${plan.eventId}`) >= 1);
  await until(async () => (await attempt())?.attempt === 1);

  const monotonic = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => monotonic() - 20 * 60_000);
  await until(async () => ((await attempt())?.attempt ?? 0) > 1);
  const { lastFailure } = (await attempt()) ?? {};
  expect(lastFailure?.applicationFailureInfo?.type).toBe('machine-suspended');

  vendor.connect(`sc-${plan.eventId}`);
  await until(async () => (await env.showcaller.status(plan.eventId)).phase === 'live');
  expect((await attempt())?.attempt).toBe(2);
});
