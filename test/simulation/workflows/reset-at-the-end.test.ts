import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phase } from '../../../domain/phases.ts';
import { done, notYet } from '../../../vendors/driver.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, driverWith, planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
const vendor = new FakeVendor();
const calls: string[] = [];
let isStuck = false;
let opens = () => {};
const mayOpen = new Promise<void>((resolve) => {
  opens = resolve;
});

/** Its reset blocks ingest, and opens it again when it is asked for the second time. */
beforeAll(async () => {
  env = await testEnvironment();
  await env.work(
    activitiesOn(vendor, {
      driver: driverWith(vendor, (driver) => ({
        reset: async () => {
          calls.push('reset');
          if (calls.length === 1 || isStuck) return notYet('the encoder to go', 100);
          await mayOpen;
          calls.push('opened again');
          return done(undefined);
        },
        stop: (channel, output) => {
          calls.push('stop');
          return driver.stop(channel, output);
        },
      })),
      timeScale: testTimeScale,
    }),
  );
});
afterAll(() => env.close());

const by = { by: 'tester', reason: 'the test says so' };

it('a reset under way at the end of the show is over before ingest is blocked for good', async () => {
  const plan = planFor({ duration: '10m', waits: { firstConnect: '5m' } });
  const { eventId } = plan;
  await env.showcaller.start(plan);
  const reaches = (phase: Phase) =>
    until(async () => (await env.showcaller.status(eventId).catch(() => undefined))?.entered[phase]);
  await reaches('waiting-for-encoder');
  const reset = env.showcaller.resetEncoder(eventId, by).catch((error: unknown) => error);
  await until(() => calls.length === 2);
  await env.showcaller.stopNow(eventId, { ...by, keepRecording: false });
  await reaches('stopping');
  opens();
  expect(await env.showcaller.result(eventId)).toMatchObject({ endReason: 'stopped-by-operator', released: true });
  expect(calls).toEqual(['reset', 'reset', 'opened again', 'stop']);
  await reset;
});

it('a reset that the stop interrupts is in the audit, because the encoder may have been dropped', async () => {
  calls.length = 0;
  isStuck = true;
  const { eventId, ...plan } = planFor({ duration: '10m', waits: { firstConnect: '5m' } });
  await env.showcaller.start({ eventId, ...plan });
  const status = () => env.showcaller.status(eventId).catch(() => undefined);
  await until(async () => (await status())?.entered['waiting-for-encoder']);
  const reset = env.showcaller.resetEncoder(eventId, by).catch((error: unknown) => error);
  await until(() => calls.length > 2);
  await env.showcaller.stopNow(eventId, { ...by, keepRecording: false });
  const { audit } = await env.showcaller.result(eventId);
  const ended = 'the show ended before the reset was done; the encoder may have been dropped';
  expect(String(await reset)).toContain(ended);
  expect(audit).toMatchObject([{ action: 'resetEncoder', ...by, details: { ended } }, { action: 'stopNow' }]);
});
