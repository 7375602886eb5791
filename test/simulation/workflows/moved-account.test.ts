import { log } from '@temporalio/activity';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import { alibabaOss } from '../../../vendors/alibaba-oss/index.ts';
import { openDriver } from '../../../vendors/place.ts';
import { driverContext } from '../../support/accounts.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { by } from './workflows-harness.ts';

// One account name, two places: what the worker's configuration leads to while a show runs is in the test's hand.
let env: TestEnvironment;
let places: Record<'east' | 'west', FakeVendor>;
let at: 'east' | 'west';
/** Steps that began since the account was moved. */
let steps = 0;
let isOfVersionBefore = false;

const manifest = {
  ...alibabaOss,
  placeOf: () => at,
  load: async () => ({ createDriver: () => places[at].driver('default') }),
};

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(
    createActivities({
      http: driverContext.http,
      driver: async (_vendor, name) => {
        steps += 1;
        // A version before did not write the place into what it made.
        if (isOfVersionBefore) return places[at].driver(name);
        return openDriver(manifest, { name, settings: {} }, driverContext, []);
      },
      accounts: () => ['default'],
      secrets: () => [],
      timeScale: testTimeScale,
      proofGraceMs: 1000,
    }),
  );
});
afterAll(() => env.close());
beforeEach(() => {
  places = { east: new FakeVendor(), west: new FakeVendor() };
  at = 'east';
  isOfVersionBefore = false;
});

function move(to: 'east' | 'west'): void {
  at = to;
  steps = 0;
}

const refusedSteps = (n: number) => until(() => steps >= n);
const status = (eventId: string) => env.showcaller.status(eventId);

async function show(overrides: Parameters<typeof planFor>[0] = {}) {
  const plan = planFor({ duration: '60s', waits: { firstConnect: '60s', encoderLost: '1s' }, ...overrides });
  await env.showcaller.start(plan);
  return { eventId: plan.eventId, name: `sc-${plan.eventId}` };
}

async function liveShow(overrides: Parameters<typeof planFor>[0] = {}) {
  const { eventId, name } = await show(overrides);
  await until(() => places.east.channels.get(name)?.open);
  places.east.connect(name);
  await until(async () => (await status(eventId)).phase === 'live');
  return { eventId, name };
}

const calls = (vendor: FakeVendor) => vendor.calls.map(({ method }) => method);

it('warns at each step of a run whose version recorded no place, and goes on at this account', async () => {
  const warnings: string[] = [];
  const spy = vi.spyOn(log, 'warn').mockImplementation((message) => void warnings.push(message));
  isOfVersionBefore = true;
  const { eventId, name } = await liveShow();
  isOfVersionBefore = false;
  warnings.length = 0;
  await env.showcaller.stopNow(eventId, { ...by });
  const report = await env.showcaller.result(eventId);
  spy.mockRestore();
  expect(report).toMatchObject({ phase: 'completed', released: true });
  expect(report.channel?.ref.place).toBeUndefined();
  expect(places.east.channels.has(name)).toBe(false);
  const warning = `the run did not record where ${name} was made: taken as of this account's place`;
  // Of the stop and of the clean-up, at least.
  expect(warnings.filter((one) => one === warning).length).toBeGreaterThanOrEqual(2);
});

describe('an account that was moved while a show is live', () => {
  it('loses no encoder and releases nothing there; the show goes on once it is back', async () => {
    const { eventId, name } = await liveShow();
    move('west');
    await refusedSteps(4);
    expect(await status(eventId)).toMatchObject({ phase: 'live', encoder: 'connected', released: false });
    await env.showcaller.stopNow(eventId, { ...by });
    await until(async () => (await status(eventId)).phase === 'stopping');
    move('west');
    await refusedSteps(4);
    expect(await status(eventId)).toMatchObject({ phase: 'stopping', released: false });
    const { raw } = await env.client.workflow.getHandle(`live-event/${eventId}`).describe();
    expect(raw.pendingActivities?.[0]?.lastFailure?.message).toMatch(/was made in east.* in west.*billed is unknown/);
    expect(calls(places.west)).toEqual([]);
    move('east');
    const report = await env.showcaller.result(eventId);
    expect(report).toMatchObject({ phase: 'completed', released: true });
    expect(report.channel?.ref.place).toBe('east');
    expect(places.east.channels.has(name)).toBe(false);
  });

  it('makes no second channel while the first may have been begun elsewhere', async () => {
    places.east.fail('allocate', 'unavailable');
    places.east.fail('allocate', 'not-yet', 1_000);
    const { eventId, name } = await show();
    await until(() => places.east.count('allocate') > 2);
    move('west');
    await refusedSteps(4);
    expect(calls(places.west)).toEqual([]);
    places.east.recover();
    move('east');
    await until(() => places.east.channels.get(name)?.open);
    expect((await status(eventId)).channel?.ref.place).toBe('east');
    await env.showcaller.stopNow(eventId, { ...by, keepRecording: false });
    expect(await env.showcaller.result(eventId)).toMatchObject({ released: true });
  });

  it.each(['cancelled', 'stopped'])('releases nothing there of an allocation that was %s', async (how) => {
    places.east.fail('allocate', 'unavailable');
    places.east.fail('allocate', 'not-yet', 1_000);
    const { eventId, name } = await show();
    await until(() => places.east.count('allocate') > 2);
    // What the vendor made for an attempt whose answer was lost.
    places.east.channels.set(name, { open: false, encoder: 'absent', session: 0, sessions: [] });
    places.east.fail('cleanUp', 'not-yet', 1_000);
    if (how === 'cancelled') await env.showcaller.cancel(eventId);
    else await env.showcaller.stopNow(eventId, { ...by });
    await until(() => places.east.count('cleanUp') > 0);
    move('west');
    await refusedSteps(4);
    expect((await status(eventId)).released).toBe(false);
    expect(calls(places.west)).toEqual([]);
    places.east.recover();
    move('east');
    const report = await env.showcaller.result(eventId).catch(() => status(eventId));
    expect(report.released).toBe(true);
    expect(places.east.channels.size).toBe(0);
  });

  // The channel that the playlist needs is asked for ten minutes: too long for a test on a real server.
  it.skipIf(process.env.REAL_SERVER)('answers nothing of a recording that is tried again', async () => {
    places.east.vod = () => undefined;
    const { eventId } = await liveShow({ vod: { deadline: '2s' } });
    await env.showcaller.stopNow(eventId, { ...by });
    await env.showcaller.result(eventId);
    move('west');
    await env.showcaller.retryVod(eventId, by);
    const retry = await env.showcaller.vodRetry(eventId);
    expect(retry).toMatchObject({ proved: false, detail: expect.stringMatching(/was made in east/) });
    expect(calls(places.west)).toEqual([]);
  });
});

describe('an account that was moved before anything was made', () => {
  it('is where the channel is made, and where what a failed allocation left is released', async () => {
    const startsAt = new Date(Date.now() + 60_000).toISOString();
    const { eventId } = await show({ startsAt });
    await until(async () => (await status(eventId)).phase === 'scheduled');
    move('west');
    places.west.fail('allocate', 'not-yet');
    places.west.fail('allocate', 'quota-exceeded', 100);
    const report = await env.showcaller.result(eventId);
    expect(report).toMatchObject({ endReason: 'allocation-failed', released: true });
    expect(calls(places.east)).toEqual([]);
    expect(places.west.count('cleanUp')).toBe(1);
  });
});
