import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { stillBilled } from '../../../domain/still-billed.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';

const second = 1000;
const names = ['main', 'backup'] as const;

/** An event with two hot legs, both live. */
async function liveShow() {
  const env = await testEnvironment();
  const vendors = { a: new FakeVendor(), b: new FakeVendor() };
  const vendorOf = { main: vendors.a, backup: vendors.b };
  await env.work(
    activitiesOnAccounts(vendors, { legs: legsPort(env.client), earlierRun: earlierRunPort(env.client), timeScale: 1 }),
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
  await are('waiting-for-encoder');
  connect();
  await are('live');
  await pause(20 * second);
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
