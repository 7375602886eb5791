import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pollerPort } from '../../../worker/poller.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
const vendor = new FakeVendor();
vendor.lists = true;
const stopping = new AbortController();

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(
    activitiesOn(vendor, {
      accounts: () => ['poller-test'],
      // So fast that the poller ends a moment after the last run needs it.
      timeScale: 0.005,
      poller: pollerPort(env.client, env.taskQueue),
      stopping: stopping.signal,
    }),
  );
});
afterAll(() => env.close());

it('a poller that no run needs any more ends, and leaves nothing in the worker', async () => {
  const plan = planFor({ account: 'poller-test', duration: '10m', waits: { firstConnect: '10m' } });
  await env.showcaller.start(plan);
  await until(() => vendor.listings > 5);
  expect(getEventListeners(stopping.signal, 'abort').length).toBeLessThanOrEqual(1);
  await env.showcaller.stopNow(plan.eventId, { by: 'test', reason: 'enough', keepRecording: false });
  await env.showcaller.result(plan.eventId);
  await env.client.workflow.getHandle(`encoder-hub/${env.taskQueue}/alibaba-oss/poller-test`).result();
  expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
});
