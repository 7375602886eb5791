import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, driverWith, planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
const vendor = new FakeVendor();
let looks = 0;

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(
    activitiesOn(vendor, {
      driver: driverWith(vendor, (driver) => ({
        observe: (channel) => {
          looks += 1;
          return looks === 1 ? new Promise(() => {}) : driver.observe(channel);
        },
      })),
      timeScale: testTimeScale,
    }),
  );
});
afterAll(() => env.close());

it('an encoder that came while a look hung up to the deadline is not given up', async () => {
  const plan = planFor({ duration: '20s', waits: { firstConnect: '2s', encoderLost: '1s' } });
  await env.showcaller.start(plan);
  await until(() => looks === 1);
  vendor.connect(`sc-${plan.eventId}`);
  const status = await until(async () => {
    const { phase } = await env.showcaller.status(plan.eventId);
    return phase !== 'waiting-for-encoder' && phase;
  });
  expect(status).toBe('live');
  await env.showcaller.stopNow(plan.eventId, { by: 'tester', reason: 'it was seen' });
  expect(await env.showcaller.result(plan.eventId)).toMatchObject({ endReason: 'stopped-by-operator' });
});
