import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { reportLines } from '../../../cli/report-text.ts';
import { sweepNow } from '../../../client/sweep.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { stillBilled } from '../../../domain/still-billed.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { legsPort } from '../../../worker/legs.ts';
import { sweepPort } from '../../../worker/sweep.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { by } from './workflows-harness.ts';

const second = 1000;
const names = ['main', 'backup'] as const;

/** An event with two hot legs, both live. */
async function liveShow({ allocateTakesMs = 0 } = {}) {
  const env = await testEnvironment();
  const vendors = { a: new FakeVendor(), b: new FakeVendor() };
  vendors.b.allocateTakesMs = allocateTakesMs;
  const vendorOf = { main: vendors.a, backup: vendors.b };
  await env.work(
    activitiesOnAccounts(vendors, {
      legs: legsPort(env.client),
      earlierRun: earlierRunPort(env.client),
      sweep: sweepPort(env.client),
      allAccounts: () => ['a', 'b'].map((account) => ({ vendor: 'alibaba-oss', account })),
      timeScale: 1,
    }),
  );
  const { vendor: _, ...rest } = planFor({ duration: '300s', waits: { firstConnect: '120s', encoderLost: '120s' } });
  const plan = { ...rest, legs: names.map((name, i) => ({ name, vendor: 'alibaba-oss', account: 'ab'[i] ?? '' })) };
  const status = () => env.showcaller.status(plan.eventId).catch(() => undefined);
  const are = (phase: string) =>
    until(async () => (await status())?.legs?.every((leg) => leg.status?.phase === phase) ?? false);
  const channelOf = (leg: (typeof names)[number]) => [...vendorOf[leg].channels.keys()][0] ?? '';
  const connect = () => {
    for (const leg of names) vendorOf[leg].connect(channelOf(leg));
  };
  const terminate = (id: string) => env.client.workflow.getHandle(`live-event/${id}`).terminate('the test says so');
  await env.showcaller.start(plan);
  const goLive = async () => {
    await are('waiting-for-encoder');
    connect();
    await are('live');
    await pause(20 * second);
  };
  if (allocateTakesMs === 0) await goLive();
  return {
    env,
    eventId: plan.eventId,
    vendors: Object.values(vendors),
    are,
    connect,
    terminate,
    sessions: () => names.map((leg) => vendorOf[leg].channels.get(channelOf(leg))?.session),
    startAgain: () => env.showcaller.start({ ...plan, startsAt: new Date().toISOString() }),
    result: async (): Promise<EventStatus> => env.showcaller.result(plan.eventId),
  };
}

it('an event that is terminated alone: its legs close down, and those of its next run begin then', async () => {
  const show = await liveShow();
  await show.terminate(show.eventId);
  await show.startAgain();
  await until(() => show.vendors.every(({ made }) => made === 2));
  // Every channel of the run before is gone, and the new ones are closed or wait for their encoders.
  expect(show.vendors.map(({ channels }) => channels.size)).toEqual([1, 1]);
  await show.are('waiting-for-encoder');
  show.connect();
  await show.are('live');
  const report = await show.result();
  expect(report).toMatchObject({ endReason: 'reached-end', released: true });
  expect(report.legs?.map(({ status }) => [status?.endReason, status?.vod[0]?.proof.proved])).toEqual([
    ['reached-end', true],
    ['reached-end', true],
  ]);
  expect(show.vendors.map(({ channels, made }) => [channels.size, made])).toEqual([
    [0, 2],
    [0, 2],
  ]);
  await show.env.close();
});

it('an event that is terminated with its legs: the legs of its next run join the show, and no encoder is dropped', async () => {
  const show = await liveShow();
  const before = show.sessions();
  // The legs first: that of a terminated event is cancelled, and closes its channel.
  for (const leg of names) await show.terminate(`${show.eventId}@${leg}`);
  await show.terminate(show.eventId).catch(() => undefined);
  await show.startAgain();
  await show.are('live');
  expect(show.sessions()).toEqual(before);
  const report = await show.result();
  expect(report).toMatchObject({ endReason: 'reached-end', released: true });
  expect(show.vendors.map(({ channels, made }) => [channels.size, made])).toEqual([
    [0, 1],
    [0, 1],
  ]);
  await show.env.close();
});

it('a leg that is terminated alone: the report says that the sweep releases what it left, and counts it as not released', async () => {
  const show = await liveShow();
  await show.terminate(`${show.eventId}@backup`);
  const report = await show.result();
  expect(report).toMatchObject({ endReason: 'reached-end', released: false });
  expect(report.legs?.find(({ name }) => name === 'backup')?.lost).toContain('the sweep releases what it left');
  const [channel] = show.vendors[1]?.channels.keys() ?? [];
  expect(stillBilled(report)).toMatch(new RegExp(`^leg backup: ${channel} at alibaba-oss / b: its run was terminated`));
  expect(show.vendors.map(({ channels }) => channels.size)).toEqual([0, 1]);
  await show.env.close();
});

it('a leg that is terminated alone is released once the sweep has released its channel, while the event goes on and after it', async () => {
  const show = await liveShow();
  await show.terminate(`${show.eventId}@backup`);
  const status = () => show.env.showcaller.status(show.eventId);
  await until(async () => stillBilled(await status()) !== undefined);
  const graceMs = 10 * second;
  const sweptFrom = Date.now();
  await sweepNow(show.env.client, { graceMs, taskQueue: show.env.taskQueue });
  const swept = await status();
  expect(swept).toMatchObject({ phase: 'live', released: false });
  expect(stillBilled(swept)).toBeUndefined();
  const sweptAt = swept.legs?.find(({ name }) => name === 'backup')?.status?.sweptAt ?? 0;
  expect(sweptAt).toBeGreaterThanOrEqual(sweptFrom + graceMs);
  const report = await show.result();
  expect(report).toMatchObject({ endReason: 'reached-end', released: true });
  expect(stillBilled(report)).toBeUndefined();
  expect(reportLines(report).join('\n')).toContain(`yes, nothing billed is left (the sweep released the rest at `);
  await show.env.close();
});

it('so is a show of one vendor whose run was terminated, or whose clean-up was abandoned', async () => {
  const env = await testEnvironment();
  const vendor = new FakeVendor();
  const allAccounts = () => [{ vendor: 'alibaba-oss', account: 'default' }];
  await env.work(activitiesOn(vendor, { sweep: sweepPort(env.client), allAccounts }));
  const run = async (act: (eventId: string) => Promise<unknown>) => {
    const { eventId, ...plan } = planFor({ duration: '300s' });
    await env.showcaller.start({ eventId, ...plan });
    await until(async () => (await env.showcaller.status(eventId).catch(() => undefined))?.channel);
    await act(eventId);
    expect(await env.showcaller.result(eventId)).toMatchObject({ released: false });
    vendor.recover();
    await sweepNow(env.client, { graceMs: 10, taskQueue: env.taskQueue });
    expect(vendor.channels.size).toBe(0);
    expect(await env.showcaller.status(eventId)).toMatchObject({ released: true, sweptAt: expect.any(Number) });
  };
  await run((eventId) => env.client.workflow.getHandle(`live-event/${eventId}`).terminate('the test says so'));
  await run(async (eventId) => {
    vendor.fail('cleanUp', 'unauthorized', 1_000_000);
    await env.showcaller.stopNow(eventId, by);
    await until(async () => (await env.showcaller.status(eventId)).phase === 'cleaning-up');
    await env.showcaller.abandonCleanup(eventId, by);
  });
  await env.close();
});

it('a leg that is terminated while its channel is being made is not released', async () => {
  const show = await liveShow({ allocateTakesMs: 60 * second });
  await until(() => show.vendors[1]?.count('allocate') === 1);
  await until(async () => (await show.env.showcaller.status(show.eventId)).legs?.[1]?.status?.phase === 'allocating');
  await show.terminate(`${show.eventId}@backup`);
  const report = await show.result();
  expect(report).toMatchObject({ released: false });
  expect(stillBilled(report)).toMatch(
    /^leg backup: what may have been made at alibaba-oss \/ b: its run was terminated/,
  );
  await show.env.close();
});
