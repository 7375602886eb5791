import { afterAll, beforeAll, expect, it } from 'vitest';
import { legsPort } from '../../../worker/legs.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { type Schedules, schedulesOf } from '../../support/schedules-harness.ts';
import { activitiesOnAccounts } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const by = { by: 'tester', reason: 'all is seen' };
const vendors = { a: new FakeVendor(), b: new FakeVendor() };
let env: TestEnvironment;
let shows: Schedules;

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activitiesOnAccounts(vendors, { legs: legsPort(env.client) }));
  shows = schedulesOf(env);
});
afterAll(async () => {
  await shows?.clear();
  await env?.close();
});

it('a show of a schedule runs on all of its legs, and is one show', async () => {
  const waits = { firstConnect: '10m', encoderLost: '10m' };
  const legs = [
    { name: 'main', vendor: 'alibaba-oss', account: 'a' },
    { name: 'backup', vendor: 'alibaba-oss', account: 'b' },
  ];
  const plan = { vendor: undefined, warmUp: '1s', startLead: '1s', waits, legs, require: 'all' };
  const { scheduleId } = await shows.create({ plan });
  const triggered = await shows.schedules.trigger(scheduleId);
  if (triggered.outcome !== 'started') throw new Error(triggered.outcome);
  const { eventId } = triggered;
  const areAll = (phase: string) =>
    until(async () => {
      const status = await env.showcaller.status(eventId).catch(() => undefined);
      return status?.legs?.every((leg) => leg.status?.phase === phase) && status;
    });
  const open = await areAll('waiting-for-encoder');
  for (const [at, vendor] of [vendors.a, vendors.b].entries())
    vendor.connect(open.legs?.[at]?.status?.channel?.ref.name ?? '');
  await areAll('live');
  expect((await shows.schedules.describe(scheduleId)).running).toEqual([eventId]);
  await env.showcaller.stopNow(eventId, by);
  const report = await env.showcaller.result(eventId);
  expect(report).toMatchObject({ phase: 'completed', endReason: 'stopped-by-operator', released: true });
  expect(report.legs?.map(({ status }) => status?.vod.map(({ proof }) => proof.proved))).toEqual([[true], [true]]);
  expect((await shows.schedules.describe(scheduleId)).recent.map((one) => one.eventId)).toEqual([eventId]);
});
