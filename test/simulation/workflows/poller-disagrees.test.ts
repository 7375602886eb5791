import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, Observation } from '../../../domain/channel.ts';
import { pollerIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { by } from './workflows-harness.ts';

const account = 'poller-disagrees';
let env: TestEnvironment;
let vendor: FakeVendor;
/** What the run's own looks see instead, once each. */
let instead: Observation[] = [];
let proves = true;
/** How long a look takes, and until when it does not see the encoder that the list shows. */
let takesMs = 0;
let lagsUntil = 0;
let looks = 0;

beforeAll(async () => {
  env = await testEnvironment();
  vendor = new FakeVendor();
  vendor.lists = true;
  const driver = async () => {
    const { listProves, ...own } = vendor.driver(account);
    const observe = async (channel: Channel) => {
      looks += 1;
      if (takesMs > 0) await pause(takesMs);
      const seen = await own.observe(channel);
      return Date.now() < lagsUntil ? ({ encoder: 'absent' } as const) : (instead.shift() ?? seen);
    };
    return { ...own, observe, ...(proves && listProves && { listProves }) };
  };
  const poller = pollerPort(env.client, env.taskQueue);
  await env.work(activitiesOn(vendor, { driver, accounts: () => [account], poller }));
});
afterAll(async () => {
  await endPoller();
  await env.close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const endPoller = () => env.client.workflow.getHandle(pollerIdOf(env.taskQueue, 'alibaba-oss', account)).terminate();
const is = (eventId: string, phase: string) => until(() => env.phaseOf(eventId) === phase);
const ticks = async (n: number) => {
  const { listings } = vendor;
  await until(() => vendor.listings > listings + n);
};
const looksAt = (eventId: string) => vendor.count('observe', `sc-${eventId}`);

async function waiting(): Promise<string> {
  const plan = planFor({ account, duration: '60m', waits: { firstConnect: '50m', encoderLost: '50m' } });
  await env.showcaller.start(plan);
  await is(plan.eventId, 'waiting-for-encoder');
  await until(() => looksAt(plan.eventId) === 1);
  await ticks(2);
  return plan.eventId;
}

async function live(): Promise<string> {
  const eventId = await waiting();
  vendor.connect(`sc-${eventId}`);
  await is(eventId, 'live');
  await ticks(4);
  return eventId;
}

async function end(eventId: string): Promise<void> {
  await env.showcaller.stopNow(eventId, { ...by, keepRecording: false });
  await env.showcaller.result(eventId);
}

// By itself a run that is followed looks after ten minutes.
describe.each([true, false])('a look that sees something else than a list that proves it: %s', (listProves) => {
  it('is not the last one, when the lost encoder knocks just then', async () => {
    proves = listProves;
    const eventId = await live();
    vendor.disconnect(`sc-${eventId}`);
    instead = [{ encoder: 'connected', session: 'knock' }];
    await ticks(5);
    expect(env.phaseOf(eventId)).toBe('encoder-lost');
    await end(eventId);
    await endPoller();
  });

  it('is not the last one, when the vendor shows the encoder a moment later there', async () => {
    proves = listProves;
    const eventId = await waiting();
    vendor.connect(`sc-${eventId}`);
    instead = [{ encoder: 'absent' }];
    await ticks(5);
    expect(env.phaseOf(eventId)).toBe('live');
    await end(eventId);
    await endPoller();
  });
});

it('a look that takes as long as a tick is not taken for one that hangs', async () => {
  proves = true;
  const eventId = await live();
  takesMs = 4_500;
  looks = 0;
  vendor.disconnect(`sc-${eventId}`);
  await is(eventId, 'encoder-lost');
  takesMs = 0;
  const { events } = await env.client.workflow.getHandle(`live-event/${eventId}`).fetchHistory();
  const signals = (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
  // The two of the change, and the first of the watch that follows.
  expect({ signals: signals.length, isLate: looks > 3 }).toEqual({ signals: 0, isLate: false });
  await end(eventId);
});

it('runs that two lists answered are looked after: their own looks lag behind', async () => {
  proves = true;
  const ids = await Promise.all(Array.from({ length: 8 }, waiting));
  lagsUntil = Date.now() + 15_000;
  for (const eventId of ids) vendor.connect(`sc-${eventId}`);
  await pause(15_000);
  await ticks(8);
  expect(ids.map((eventId) => env.phaseOf(eventId))).toEqual(ids.map(() => 'live'));
  await Promise.all(ids.map(end));
  await endPoller();
});

it('a run does not look again and again for an encoder that only a list without proof shows', async () => {
  proves = false;
  const eventId = await waiting();
  vendor.connect(`sc-${eventId}`);
  instead = Array.from({ length: 10 }, () => ({ encoder: 'absent' }));
  const before = looksAt(eventId);
  await ticks(10);
  expect(looksAt(eventId) - before).toBe(3);
  instead = [];
  await end(eventId);
});
