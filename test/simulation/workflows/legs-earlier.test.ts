import { expect, it } from 'vitest';
import type { Activities } from '../../../activities/contract.ts';
import { reportLines } from '../../../cli/report-text.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { legOf, looksAt, twoLegs } from './legs-harness.ts';

/** As Temporal leaves it where the event is reset to before its legs began: the leg's run goes on, and has no event. */
async function earlierLeg(change: (activities: Activities) => Partial<Activities> = () => ({})) {
  const env = await testEnvironment();
  const vendors = { a: new FakeVendor(), b: new FakeVendor() };
  const ports = { legs: legsPort(env.client), earlierRun: earlierRunPort(env.client), timeScale: 1 };
  const activities = activitiesOnAccounts(vendors, ports);
  await env.work({ ...activities, ...change(activities) });
  const { vendor: _, ...rest } = planFor({ duration: '10m', waits: { firstConnect: '5m', encoderLost: '5m' } });
  const { eventId, ...plan } = rest;
  const main = looksAt(env, `${eventId}@main`);
  const earlier = await env.client.workflow.start('liveEvent', {
    workflowId: `live-event/${eventId}@main`,
    taskQueue: env.taskQueue,
    args: [{ ...plan, vendor: 'alibaba-oss', account: 'a' }],
  });
  await main.when(({ phase }) => phase === 'waiting-for-encoder');
  const [channel = ''] = vendors.a.channels.keys();
  vendors.a.connect(channel);
  await main.when(({ phase }) => phase === 'live');
  const event = looksAt(env, eventId);
  const start = (dark: string) => env.showcaller.start({ ...rest, legs: twoLegs(), failover: { dark } });
  return { env, vendors, eventId, earlier, channel, main, event, start };
}

it.each([
  ['stopped', 'begins anew', 'waiting-for-encoder'],
  ['terminated', 'joins the show', 'live'],
] as const)(
  'an event whose leg has a run of before says so, and that it is billed; when that is %s its own %s',
  async (how, _what, phase) => {
    const { env, vendors, eventId, earlier, channel, event, start } = await earlierLeg();
    await start('10s');
    const waiting = await event.when((now) => legOf(now, 'main')?.failed !== undefined);
    expect(legOf(waiting, 'main')).toMatchObject({
      earlierSince: expect.any(Number),
      failed: { reason: expect.stringMatching(/run of before .* billed .* stop .*@main/) },
    });
    expect(legOf(waiting, 'main')?.status).toBeUndefined();
    expect(waiting.released).toBe(false);
    expect(reportLines(waiting).join('\n')).toMatch(/leg {7}main .*run of before/);
    const session = vendors.a.channels.get(channel)?.session;
    // A stop of the leg reaches the run that goes on.
    if (how === 'stopped') await env.showcaller.stopNow(`${eventId}@main`, { by: 'tester', reason: 'it was reset' });
    else await earlier.terminate('the event was reset');
    const begun = await event.reaches('main', phase);
    const now = [vendors.a.made, vendors.a.channels.get(channel)?.session];
    expect(now).toEqual(how === 'stopped' ? [2, 0] : [1, session]);
    expect(legOf(begun, 'main')).not.toHaveProperty('earlierSince');
    await env.showcaller.stopNow(eventId, { by: 'tester', reason: 'it is seen' });
    expect(await env.showcaller.result(eventId)).toMatchObject({ released: true });
    expect(Object.values(vendors).map(({ channels }) => channels.size)).toEqual([0, 0]);
    await env.close();
  },
);

const ofBefore = /run of before .* billed .* stop .*@main/;

it('names the run of before no more once it is over, though the plan of the next is not checked', async () => {
  let checks = 0;
  const { env, eventId, event, earlier, start } = await earlierLeg(({ preparePlan }) => ({
    preparePlan: async (input) => {
      if (!input.workflowId.endsWith('@main')) return preparePlan(input);
      checks += 1;
      if (checks > 1) throw new Error('the worker cannot check it now');
      return preparePlan(input);
    },
  }));
  await start('10s');
  const waiting = await event.when((now) => legOf(now, 'main')?.failed !== undefined);
  expect(legOf(waiting, 'main')?.failed?.reason).toMatch(ofBefore);
  await earlier.terminate('the event was reset');
  await until(() => checks > 1);
  const begun = await event.when((now) => legOf(now, 'main')?.earlierSince === undefined);
  expect(legOf(begun, 'main')?.status).toBeUndefined();
  expect(legOf(begun, 'main')?.failed?.reason).toBe('its plan could not be checked in time');
  const open = begun.warnings?.filter(({ endedAt }) => endedAt === undefined);
  expect(open?.filter(({ message }) => ofBefore.test(message))).toEqual([]);
  // It ends before it has reported anything.
  await env.client.workflow.getHandle(`live-event/${eventId}@main`).terminate('the test says so');
  await event.when((now) => legOf(now, 'main')?.endedAt !== undefined);
  await env.showcaller.stopNow(eventId, { by: 'tester', reason: 'it is seen' });
  const report = await env.showcaller.result(eventId);
  expect(legOf(report, 'main')).not.toHaveProperty('earlierSince');
  expect(report.released).toBe(true);
  await env.close();
});

it('an event that is cancelled while its leg has a run of before says that this goes on, and how to end it', async () => {
  const { env, vendors, eventId, event, main, start } = await earlierLeg();
  await start('5m');
  const waiting = await event.when((now) => legOf(now, 'main')?.earlierSince !== undefined);
  expect(legOf(waiting, 'main')?.failed).toBeUndefined();
  await event.reaches('backup', 'waiting-for-encoder');
  await env.client.workflow.getHandle(`live-event/${eventId}`).cancel();
  const report = await event.when(({ phase }) => phase === 'cancelled');
  expect(report).toMatchObject({ released: false, endDetail: expect.stringMatching(ofBefore) });
  expect(reportLines(report).join('\n')).toMatch(/leg {7}main .*run of before .* billed .* stop .*@main/);
  expect((await main.status()).phase).toBe('live');
  expect([vendors.a.channels.size, vendors.b.channels.size]).toEqual([1, 0]);
  await env.close();
});
