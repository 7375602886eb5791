import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeVendor } from '../../support/fake-driver.ts';
import { fakeVod } from '../../support/fake-vod.ts';
import { activitiesOn, driverWith, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
const vendor = new FakeVendor();
const [second, minute] = [1000, 60_000];
/** Within the time that one attempt may take. */
const answerTakesMs = 80 * second;
const encoderComesMs = 20 * second;

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(
    activitiesOn(vendor, {
      driver: driverWith(vendor, (driver) => ({
        // The channel is open, and the run has to wait for the answer: as if its worker had died meanwhile.
        start: async (channel) => {
          const progress = await driver.start(channel);
          setTimeout(() => vendor.connect(channel.ref.name), encoderComesMs);
          await pause(answerTakesMs);
          return progress;
        },
      })),
      proofGraceMs: minute,
    }),
  );
});
afterAll(() => env.close());

it('what an encoder sent before the run knew that the channel was open belongs to the show', async () => {
  vendor.vod = () => {
    const [session] = [...vendor.channels.values()][0]?.sessions ?? [];
    return [fakeVod([{ from: session?.startedAt ?? 0, to: session?.endedAt ?? 0 }])];
  };
  const waits = { firstConnect: '30m', encoderLost: '5m' };
  const plan = planFor({ duration: '20m', warmUp: '0s', startLead: '0s', waits });
  await env.showcaller.start(plan);
  const { windows, vod, endReason, sessions } = await env.showcaller.result(plan.eventId);
  expect(endReason).toBe('reached-end');
  expect(windows).toEqual([{ from: sessions[0]?.startedAt, to: sessions[0]?.endedAt }]);
  expect(vod[0]?.proof.proved).toBe(true);
});
