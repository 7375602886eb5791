import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { isEncrypted } from '../../../temporal/codec/aes-gcm.ts';
import { CodedShow, contains, newKey, oldKey, textsIn, title, withKeys } from '../../support/codec-harness.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const { vendor, activities } = fakeVendor();
const by = { by: 'ann', reason: 'the lawyers called' };
const failure = 'as the test asked';
const anotherQueue = () => `codec-${randomUUID()}`;

let env: TestEnvironment;
beforeAll(async () => {
  env = await withKeys([oldKey]);
  await env.work(activities);
});
afterAll(() => env.close());

/** Alone: the vendor fails the first call. */
describe('with a key and a vendor that refuses', () => {
  it('a failed run contains its kind but not its message, and we read both', async () => {
    vendor.fail('start', 'unauthorized');
    const show = await CodedShow.start(env);
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'start-failed', title });
    expect(report.endDetail).toContain(failure);
    const texts = await show.history();
    expect(contains(texts, 'unauthorized')).toBe(true);
    expect(contains(texts, 'start-failed')).toBe(true);
    expect(contains(texts, 'Encoded failure')).toBe(true);
    for (const words of [failure, title, '.ts:']) {
      expect({ words, leaked: contains(texts, words) }).toEqual({ words, leaked: false });
    }
  });
});

describe.concurrent('with a key', () => {
  it('a whole run contains its plan, its report and its operators’ words in no form that others can read', async () => {
    const show = await CodedShow.start(env, { duration: '60s' });
    await show.reaches('waiting-for-encoder');
    vendor.connect(show.channel);
    const status = await show.reaches('live');
    expect(status.title).toBe(title);
    await env.showcaller.stopNow(show.eventId, by);
    const report = await show.result();
    expect(report).toMatchObject({ title, endReason: 'stopped-by-operator', released: true, audit: [by] });
    const texts = [...(await show.history()), ...(await show.description())];
    expect(contains(texts, show.eventId)).toBe(true);
    for (const words of [title, by.reason, 'firstConnect', 'stopped by', 'channel accepts'])
      expect({ words, leaked: contains(texts, words) }).toEqual({ words, leaked: false });
  });

  it('a plan that is refused within the run’s first task is in no text that others can read, and we read every problem', async () => {
    const eventId = randomUUID();
    const secret = 'for as long as Acme pays';
    const show = new CodedShow(env, eventId);
    const args = [{ eventId, vendor: 'fake', title, duration: secret }];
    await env.client.workflow.start('liveEvent', { taskQueue: env.taskQueue, workflowId: show.workflowId, args });
    const { message } = await env.client.workflow
      .getHandle(show.workflowId)
      .result()
      .catch(({ cause }) => cause);
    expect(message).toContain(secret);
    const texts = await show.history();
    for (const words of [secret, title, '.ts:'])
      expect({ words, leaked: contains(texts, words) }).toEqual({ words, leaked: false });
  });

  it('the reason for which a step is tried again is for us to read', async () => {
    const show = await CodedShow.start(env, { duration: '60s', waits: { firstConnect: '30s' } });
    await show.reaches('waiting-for-encoder');
    const reason = await until(async () => (await env.showcaller.pending(show.eventId))[0]?.reason);
    expect(reason).toContain('encoder');
    expect(contains(await show.description(), reason)).toBe(false);
    await env.showcaller.cancel(show.eventId);
    expect(await show.result()).toMatchObject({ endReason: 'cancelled' });
  });

  it('what the Temporal UI asks the worker for is encrypted too', async () => {
    const show = await CodedShow.start(env, { duration: '60s', waits: { firstConnect: '30s' } });
    await show.reaches('waiting-for-encoder');
    for (const queryType of ['status', '__temporal_workflow_metadata']) {
      const { queryResult } = await env.client.workflowService.queryWorkflow({
        namespace: env.namespace,
        execution: { workflowId: show.workflowId },
        query: { queryType },
      });
      expect(queryResult?.payloads?.map(isEncrypted)).toEqual([true]);
    }
    await env.showcaller.cancel(show.eventId);
    await show.result();
  });

  it('the plan of a schedule is readable through our client only', async () => {
    const schedules = new ShowcallerSchedules(env.client, { taskQueue: env.taskQueue });
    const scheduleId = `weekly-${randomUUID().slice(0, 8)}`;
    const plan = { title, vendor: 'alibaba-oss', duration: '1h', warmUp: '15m' };
    const spec = { cron: '0 12 * * *', timeZone: 'Europe/Berlin' };
    expect((await schedules.create({ scheduleId, plan, spec, overlap: 'skip' })).title).toBe(title);
    const { namespace, client } = env;
    const texts = textsIn(await client.workflowService.describeSchedule({ namespace, scheduleId }));
    expect(contains(texts, 'liveEvent')).toBe(true);
    expect(contains(texts, title)).toBe(false);
    const keyless = await testEnvironment({ taskQueue: env.taskQueue });
    const named = async (tenant?: string) => {
      const list = new ShowcallerSchedules(keyless.client, { taskQueue: env.taskQueue, ...(tenant && { tenant }) });
      return (await list.page({ limit: 200 })).unreadable?.find(({ key }) => key === scheduleId)?.reason;
    };
    // Visibility has a new schedule some moments late; the list goes on without what it cannot read.
    expect(await until(() => named())).toContain('encrypted with the key "old", and no key is configured here');
    // Its plan alone says whose it is.
    expect(await named('acme')).toBeUndefined();
    await keyless.close();
    await schedules.delete(scheduleId);
  });
});

describe.concurrent('a change of keys', () => {
  it('does not disturb an event that runs', async () => {
    const taskQueue = anotherQueue();
    const before = await withKeys([oldKey], taskQueue);
    await before.work(activities);
    const show = await CodedShow.start(before, { duration: '60s' });
    await show.reaches('waiting-for-encoder');
    await before.close();

    const after = await withKeys([newKey, oldKey], taskQueue);
    await after.work(activities);
    vendor.connect(show.channel);
    await show.through(after).reaches('live');
    await after.showcaller.stopNow(show.eventId, by);
    expect(await show.through(after).result()).toMatchObject({ title, endReason: 'stopped-by-operator' });
    const texts = await show.through(after).history();
    expect(texts).toEqual(expect.arrayContaining(['old', 'new']));
    await after.close();
  });

  it('that switches encryption on does not disturb events that were planned before', async () => {
    const taskQueue = anotherQueue();
    const before = await testEnvironment({ taskQueue });
    await before.work(activities);
    const show = await CodedShow.start(before, { duration: '60s' });
    await show.reaches('waiting-for-encoder');
    await before.close();

    const after = await withKeys([newKey], taskQueue);
    await after.work(activities);
    vendor.connect(show.channel);
    await show.through(after).reaches('live');
    await after.showcaller.stopNow(show.eventId, by);
    expect(await show.through(after).result()).toMatchObject({ title, audit: [by] });
    const texts = await show.through(after).history();
    expect(contains(texts, title)).toBe(true);
    expect(contains(texts, by.reason)).toBe(false);
    await after.close();
  });

  it('that forgets the old one is named in the error, and healed by bringing it back', async () => {
    const show = await CodedShow.start(env, { duration: '60s', waits: { firstConnect: '1s' } });
    await show.result();
    const without = await withKeys([newKey], env.taskQueue);
    const keyless = await testEnvironment({ taskQueue: env.taskQueue });
    const message = 'encrypted with the key "old"';
    await expect(show.through(without).result()).rejects.toThrow(`${message}, and known here: new`);
    await expect(show.through(keyless).result()).rejects.toThrow(`${message}, and no key is configured here`);
    expect((await show.result()).title).toBe(title);
    await without.close();
    await keyless.close();
  });
});
