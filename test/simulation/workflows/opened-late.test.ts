import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, driverWith, planFor, testTimeScale } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
const vendor = new FakeVendor();
const showMs = 1500;

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(
    activitiesOn(vendor, {
      driver: driverWith(vendor, (driver) => ({
        createOutput: async (channel) => {
          await pause(showMs);
          return driver.createOutput(channel);
        },
      })),
      timeScale: testTimeScale,
    }),
  );
});
afterAll(() => env.close());

it('a show whose channel is open only after its end says so', async () => {
  const plan = planFor({ duration: `${showMs}ms`, warmUp: '0s', startLead: '0s' });
  await env.showcaller.start(plan);
  const { endDetail, endReason, released } = await env.showcaller.result(plan.eventId);
  expect({ endReason, released }).toEqual({ endReason: 'encoder-never-connected', released: true });
  expect(endDetail).toMatch(/^the channel was open only at \S+Z, and the show was to end at \S+Z/);
});
