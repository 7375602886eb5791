import { afterAll, beforeAll, expect, it } from 'vitest';
import { saysTheSame } from '../../../client/run-state.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

let env: TestEnvironment;
const { vendor, activities } = fakeVendor();

beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env?.close());

it('the state of a run shows whether its status may be another by now', async () => {
  const { eventId, ...plan } = planFor({ duration: '5m', waits: { firstConnect: '5m', encoderLost: '5m' } });
  await env.showcaller.start({ eventId, ...plan });
  const state = () => env.showcaller.runState(eventId);
  expect(await state()).toMatchObject({ isQuiet: false, build: '' });

  await env.work(activities);
  const reaches = (phase: string) => until(async () => (await env.showcaller.status(eventId)).phase === phase);
  await reaches('waiting-for-encoder');
  const waiting = await until(async () => {
    const now = await state();
    return now.isQuiet && now;
  });
  const said = await env.showcaller.status(eventId);
  expect(await env.showcaller.status(eventId)).toEqual(said);
  expect(saysTheSame(waiting, await state())).toBe(true);

  vendor.connect(`sc-${eventId}`);
  await reaches('live');
  expect(saysTheSame(waiting, await state())).toBe(false);

  const live = await until(async () => {
    const now = await state();
    return now.isQuiet && now;
  });
  await env.showcaller.stopNow(eventId, { by: 'tester', reason: 'the test is over' });
  await env.showcaller.result(eventId);
  expect(saysTheSame(live, await state())).toBe(false);
});
