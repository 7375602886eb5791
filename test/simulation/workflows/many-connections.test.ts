import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeVendor } from '../../support/fake-driver.ts';
import { fakeVod } from '../../support/fake-vod.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { by } from './workflows-harness.ts';

let env: TestEnvironment;
const vendor = new FakeVendor();
/** More than the report lists, one upon the other: the run sees one window. */
const connections = 30;
const sentMs = 20_000;

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activitiesOn(vendor));
});
afterAll(() => env.close());

it('an encoder that begins its file again at each of thirty connections leaves a proved recording', async () => {
  const plan = planFor({
    duration: '20m',
    warmUp: '0s',
    startLead: '0s',
    waits: { firstConnect: '5m', encoderLost: '5m' },
  });
  const name = `sc-${plan.eventId}`;
  await env.showcaller.start(plan);
  await until(() => vendor.channels.get(name)?.open);
  const { sessions = [] } = vendor.channels.get(name) ?? {};
  vendor.vod = () => [fakeVod(sessions.map(({ startedAt: from, endedAt: to = from }) => ({ from, to })))];
  for (let n = 0; n < connections; n += 1) {
    const began = Date.now();
    if (n > 0) vendor.disconnect(name);
    vendor.connect(name);
    await until(() => Date.now() >= began + sentMs);
  }
  const report = await env.showcaller.result(plan.eventId);
  expect(report).toMatchObject({ endReason: 'reached-end', connections, vod: [{ proof: { proved: true } }] });
  expect(report.windows).toHaveLength(1);
  expect(report.sessions).toHaveLength(20);
  await env.showcaller.retryVod(plan.eventId, by);
  expect(await env.showcaller.vodRetry(plan.eventId)).toMatchObject({ proved: true });
});
