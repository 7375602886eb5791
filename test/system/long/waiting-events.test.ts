import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollerIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const events = 1000;
const startedAtOnce = 50;

let env: TestEnvironment;
let vendor: ReturnType<typeof fakeVendor>['vendor'];
let pollerId: string;

beforeAll(async () => {
  env = await testEnvironment();
  pollerId = pollerIdOf(env.taskQueue, 'alibaba-oss', 'poller-test');
  const fake = fakeVendor(pollerPort(env.client, env.taskQueue));
  vendor = fake.vendor;
  vendor.lists = true;
  await env.work(fake.activities);
});
afterAll(async () => {
  await env.client.workflow.getHandle(pollerId).terminate();
  await env.close();
});

describe('a thousand events of one account', () => {
  it('cost one listing each tick while they wait, and the one whose encoder comes is live', async () => {
    const waits = { firstConnect: '2h', encoderLost: '1h' };
    const plans = Array.from({ length: events }, () => planFor({ account: 'poller-test', duration: '2h', waits }));
    const starting = plans.values();
    const start = async () => {
      for (const plan of starting) await env.showcaller.start(plan);
    };
    await Promise.all(Array.from({ length: startedAtOnce }, start));
    const looks = () => vendor.calls.filter(({ method }) => method === 'observe');
    await until(() => new Set(looks().map(({ name }) => name)).size === events);

    // Looks of their own only heal a lost signal: one each ten minutes, at most a fifth sooner.
    const [before, listings, from] = [looks().length, vendor.listings, Date.now()];
    await until(() => vendor.listings >= listings + 20);
    const healing = (events * (Date.now() - from)) / (0.8 * 600_000 * testTimeScale);
    expect(looks().length - before).toBeLessThanOrEqual(healing + startedAtOnce);
    expect(healing).toBeLessThan(events);

    const [lucky] = plans;
    if (!lucky) throw new Error('no plans');
    vendor.connect(`sc-${lucky.eventId}`);
    await until(async () => (await env.showcaller.status(lucky.eventId)).phase === 'live');
    const { events: history } = await env.client.workflow.getHandle(pollerId).fetchHistory();
    expect(history?.length).toBeLessThan(10);
    await Promise.all(
      plans.map(({ eventId }) => env.client.workflow.getHandle(`live-event/${eventId}`).terminate('the test is over')),
    );
  });
});
