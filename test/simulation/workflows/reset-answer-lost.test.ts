import { afterAll, beforeAll, expect, it } from 'vitest';
import { VendorError } from '../../../domain/errors.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, driverWith, planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
const vendor = new FakeVendor();
let calls = 0;

/** Its first reset drops the encoder, which is back at once; the answer is lost. */
beforeAll(async () => {
  env = await testEnvironment();
  await env.work(
    activitiesOn(vendor, {
      driver: driverWith(vendor, (driver) => ({
        reset: async (channel, output, isBack) => {
          calls += 1;
          const answer = await driver.reset(channel, output, isBack);
          if (calls > 1) return answer;
          vendor.connect(channel.ref.name);
          const what = { vendor: 'fake', operation: 'reset', resource: channel.ref.name };
          throw new VendorError({ kind: 'unavailable', ...what, message: 'the answer is lost' });
        },
      })),
      timeScale: testTimeScale,
    }),
  );
});
afterAll(() => env.close());

it('a reset whose answer is lost drops the encoder once', async () => {
  const plan = planFor({ duration: '10m', waits: { firstConnect: '5m' } });
  const { eventId } = plan;
  const by = { by: 'tester', reason: 'the test says so' };
  await env.showcaller.start(plan);
  const status = () => env.showcaller.status(eventId).catch(() => undefined);
  await until(async () => (await status())?.entered['waiting-for-encoder']);
  vendor.connect(`sc-${eventId}`);
  await until(async () => (await status())?.entered.live);
  await env.showcaller.resetEncoder(eventId, by);
  expect(calls).toBe(2);
  expect(vendor.channels.get(`sc-${eventId}`)?.encoder).toBe('connected');
  await env.showcaller.stopNow(eventId, by);
  expect((await env.showcaller.result(eventId)).sessions).toHaveLength(2);
});
