import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollerPort } from '../../../worker/poller.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
let vendor: ReturnType<typeof fakeVendor>['vendor'];
let pollerId: string;

beforeAll(async () => {
  env = await testEnvironment();
  pollerId = `encoder-hub/${env.taskQueue}/alibaba-oss/poller-test`;
  const fake = fakeVendor(pollerPort(env.client, env.taskQueue));
  vendor = fake.vendor;
  vendor.lists = true;
  await env.work(fake.activities);
});
afterAll(async () => {
  await env.client.workflow.getHandle(pollerId).terminate();
  await env.close();
});

const phaseOf = async (eventId: string) => (await env.showcaller.status(eventId).catch(() => undefined))?.phase;

describe('events of a vendor that can list', () => {
  it('wait on one poller: calls do not grow with the events, and a change is seen at once', async () => {
    const plans = Array.from({ length: 20 }, () =>
      planFor({ account: 'poller-test', duration: '10m', waits: { firstConnect: '10m', encoderLost: '5m' } }),
    );
    await Promise.all(plans.map((plan) => env.showcaller.start(plan)));
    await until(async () => {
      const phases = await Promise.all(plans.map(({ eventId }) => phaseOf(eventId)));
      return phases.every((phase) => phase === 'waiting-for-encoder');
    });
    await until(() => plans.every(({ eventId }) => vendor.count('observe', `sc-${eventId}`) > 0));
    const looks = vendor.count('observe');
    const listings = vendor.listings;
    await until(() => vendor.listings > listings + 5);
    expect(vendor.count('observe')).toBe(looks);

    const [first, second] = plans;
    if (!first || !second) throw new Error('no plans');
    vendor.connect(`sc-${first.eventId}`);
    await until(async () => (await phaseOf(first.eventId)) === 'live');
    expect(await phaseOf(second.eventId)).toBe('waiting-for-encoder');
    vendor.disconnect(`sc-${first.eventId}`);
    await until(async () => (await phaseOf(first.eventId)) === 'encoder-lost');
    // Two looks for each of the two changes, and none of another run.
    expect(vendor.count('observe')).toBeLessThanOrEqual(looks + 8);
    await Promise.all(
      plans.map(({ eventId }) =>
        env.showcaller.stopNow(eventId, { by: 'test', reason: 'enough', keepRecording: false }),
      ),
    );
    await Promise.all(plans.map(({ eventId }) => env.showcaller.result(eventId)));
    expect(vendor.channels.size).toBe(0);
  });

  it('cost the poller’s history nothing, however often it looks', async () => {
    const { events } = await env.client.workflow.getHandle(pollerId).fetchHistory();
    expect(events?.length).toBeLessThan(10);
  });
});
