import { afterAll, beforeAll, expect, it } from 'vitest';
import { accountStaleMs } from '../../../domain/conditions/condition.ts';
import { VendorError } from '../../../domain/errors.ts';
import { pollerIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const second = 1_000;
/** How long a client waits for an answer that does not come. */
const inVainMs = 10 * second;
const shownWithinMs = 15 * second;
/** The board looks once a second, and asks about pollers at most every 1.5 s. */
const lookMs = 3 * second;

let env: TestEnvironment;
let isSilent = false;
const asked: number[] = [];
const answered: number[] = [];

beforeAll(async () => {
  env = await testEnvironment();
  const vendor = new FakeVendor();
  vendor.lists = true;
  const driver = async (_vendor: string, account: string) => ({
    ...vendor.driver(account),
    async listLive() {
      asked.push(performance.now());
      if (isSilent) {
        await new Promise((resolve) => setTimeout(resolve, inVainMs));
        throw new VendorError({ kind: 'unavailable', vendor: 'alibaba-oss', operation: 'List', message: 'no answer' });
      }
      answered.push(performance.now());
      return [];
    },
  });
  await env.work(activitiesOn(vendor, { driver, poller: pollerPort(env.client, env.taskQueue) }));
});
afterAll(async () => {
  await env.client.workflow.getHandle(pollerIdOf(env.taskQueue, 'alibaba-oss', 'default')).terminate();
  await env.close();
});

it('a vendor that answers nothing is shown as that, and its return is, each within 15 s', async () => {
  const plan = planFor({ duration: '1h', waits: { firstConnect: '1h' } });
  await env.showcaller.start(plan);
  await until(() => answered.length > 3);
  isSilent = true;
  const count = asked.length;
  await until(() => asked.length > count + 4);
  // It was last seen at most 5 s before, and that is shown after 10 s.
  expect(accountStaleMs + lookMs).toBeLessThan(shownWithinMs);
  // The worst instant: the vendor is there again when a question has just been sent that gets no answer.
  const mendedAt = asked.at(-1) ?? 0;
  isSilent = false;
  const before = answered.length;
  await until(() => answered.length > before);
  expect((answered[before] ?? 0) - mendedAt + lookMs).toBeLessThanOrEqual(shownWithinMs);
  await env.showcaller.stopNow(plan.eventId, { by: 'test', reason: 'enough', keepRecording: false });
  await env.showcaller.result(plan.eventId);
});
