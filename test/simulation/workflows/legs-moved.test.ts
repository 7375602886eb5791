import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LegsPort } from '../../../activities/ports.ts';
import { reportLines } from '../../../cli/report-text.ts';
import type { LegPlan, Plan } from '../../../domain/plan.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment, TestWorker } from '../environment-types.ts';
import { legOf, looksAt, twoLegs } from './legs-harness.ts';

const by = { by: 'tester', reason: 'the test says so' };
let env: TestEnvironment;
let workflows: TestWorker;
let reachLegs: LegsPort;
/** Stands before the legs: what a test holds back reaches them when it lets go. */
let before: (leg: string) => Promise<unknown> = async () => {};
const vendors = { a: new FakeVendor(), b: new FakeVendor() };

const act: LegsPort['act'] = async (action) => {
  await before(action.workflowId.split('@')[1] ?? '');
  return reachLegs.act(action);
};
const activities = () => activitiesOnAccounts(vendors, { legs: { act } });

beforeAll(async () => {
  env = await testEnvironment();
  reachLegs = legsPort(env.client);
  await env.work(activities(), { only: 'activities' });
  workflows = await env.work(activities(), { only: 'workflows' });
});
afterEach(() => {
  before = async () => {};
});
afterAll(() => env.close());

/** What is held back until it is let go. */
function gate() {
  let letGo = (): void => {};
  const passed = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { passed, letGo };
}

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
const minuteMs = 60_000;

async function show(second: Partial<LegPlan> = {}, overrides: Partial<Plan> = {}) {
  const { vendor: _, ...rest } = planFor({ duration: '120s', waits: { firstConnect: '5m', encoderLost: '5m' } });
  const plan = { ...rest, legs: twoLegs(second), failover: { dark: '10s' }, ...overrides };
  const { eventId } = plan;
  await env.showcaller.start(plan);
  const { status, when, reaches } = looksAt(env, eventId);
  return {
    eventId,
    status,
    when,
    reaches,
    times: async () => {
      const now = await status();
      return Object.fromEntries(
        [['event', now] as const, ...(now.legs ?? []).map((one) => [one.name, one.status] as const)].map(
          ([name, one]) => [name, one && [one.startsAt, one.endsAt]],
        ),
      );
    },
    goLive: async (...names: ('main' | 'backup')[]) => {
      for (const name of names) {
        const now = await reaches(name, 'waiting-for-encoder');
        vendors[name === 'main' ? 'a' : 'b'].connect(legOf(now, name)?.status?.channel?.ref.name ?? '');
        await reaches(name, 'live');
      }
    },
    cancel: async () => {
      await env.showcaller.cancel(eventId);
      return env.showcaller.result(eventId);
    },
  };
}

describe('an extension that one leg refuses', () => {
  test('is named with its reason in the answer, the audit and the report, and moves the others', async () => {
    const event = await show();
    await event.goLive('main', 'backup');
    vendors.b.fail('stop', 'not-yet', 1_000_000);
    await env.showcaller.stopNow(event.eventId, { ...by, leg: 'backup' });
    await event.reaches('backup', 'stopping');
    const { backup } = await event.times();
    const endsAt = inMs(10 * minuteMs);
    const answer = await env.showcaller.extend(event.eventId, { ...by, endsAt });
    const why = 'the show is being stopped: stopped by tester: the test says so';
    expect(answer).toEqual({
      accepted: true,
      effect: `accepted by main: the show runs until ${endsAt}; refused by backup: ${why}`,
      refused: [{ leg: 'backup', why }],
    });
    const moved = Date.parse(endsAt);
    await event.when(({ legs }) => legs?.[0]?.status?.endsAt === moved);
    const times = await event.times();
    expect([times.event?.[1], times.main?.[1], times.backup]).toEqual([moved, moved, backup]);
    vendors.b.recover();
    const report = await event.cancel();
    expect(report.audit[1]).toMatchObject({
      action: 'extend',
      details: { endsAt, refused: [{ leg: 'backup', why }] },
    });
    expect(reportLines(report)).toContain(`            ✗ refused by backup: ${why}`);
  });

  test('because it cannot be reached keeps no answer of the others, is kept, and can be asked again alone', async () => {
    const event = await show();
    await event.goLive('main', 'backup');
    before = async (leg) => {
      if (leg === 'backup') throw new Error('the server does not answer');
    };
    const endsAt = inMs(10 * minuteMs);
    const answer = await env.showcaller.extend(event.eventId, { ...by, endsAt });
    expect(answer).toEqual({
      accepted: true,
      effect: `accepted by main: the show runs until ${endsAt}; not answered by backup yet: its run gets the action once it can`,
      unanswered: ['backup'],
    });
    expect((await event.status()).audit[0]?.details).toEqual({ endsAt, unanswered: ['backup'] });
    const why = 'its run did not answer (the server does not answer); ask it again by naming this leg';
    const given = await event.when(({ audit }) => audit[0]?.details?.refused !== undefined);
    expect(given.audit[0]?.details).toEqual({ endsAt, refused: [{ leg: 'backup', why }] });
    before = async () => {};
    const again = await env.showcaller.extend(event.eventId, { ...by, endsAt, leg: 'backup' });
    expect(again).toEqual({ accepted: true, effect: `backup: the show runs until ${endsAt}` });
    const moved = Date.parse(endsAt);
    await event.when(({ legs }) => legs?.every(({ status }) => status?.endsAt === moved) ?? false);
    await event.cancel();
  });
});

describe('a show that is moved', () => {
  const later = { startsAfter: '30m', duration: '20m', warmUp: '60s', startLead: '60s' };
  const timesIn = (startMs: number, endMs: number) => ({ startsAt: inMs(startMs), endsAt: inMs(endMs) });
  const spanOf = ({ startsAt, endsAt }: { startsAt: string; endsAt: string }) => [
    Date.parse(startsAt),
    Date.parse(endsAt),
  ];

  test('while the channel of one leg is made: the others have the new times, and so has the event', async () => {
    const event = await show({ warmUp: '40m' }, later);
    await event.reaches('backup', 'allocating');
    const { backup } = await event.times();
    const times = timesIn(60 * minuteMs, 80 * minuteMs);
    const { effect } = await env.showcaller.reschedule(event.eventId, { ...by, ...times });
    expect(effect).toBe(
      `accepted by main: the show starts at ${times.startsAt}; refused by backup: ` +
        'the channel is being made or made (allocating); to move only the end, use extend',
    );
    const [startsAt, endsAt] = spanOf(times);
    expect(await event.times()).toEqual({ event: [startsAt, endsAt], main: [startsAt, endsAt], backup });
    const { plan, hardEndsAt, legs } = await event.status();
    expect([plan?.startsAt, plan?.hardEndsAt]).toEqual([startsAt, hardEndsAt]);
    expect(hardEndsAt).toBe(legs?.[0]?.status?.hardEndsAt);
    await event.cancel();
  });

  test('to an earlier end ends then, though a report of a leg is older than its move', async () => {
    const event = await show({}, { ...later, startsAfter: '60m' });
    await event.reaches('backup', 'scheduled');
    const old = (await event.status()).legs?.[0]?.status;
    const times = timesIn(40 * minuteMs, 50 * minuteMs);
    await env.showcaller.reschedule(event.eventId, { ...by, ...times });
    const handle = env.client.workflow.getHandle(`live-event/${event.eventId}`);
    await handle.signal('leg', { leg: 'main', status: old });
    await handle.signal('leg', {
      leg: 'main',
      status: { ...old, startsAt: spanOf(times)[0], endsAt: spanOf(times)[1] },
    });
    expect((await event.times()).event).toEqual(spanOf(times));
    await event.cancel();
  });

  test('has its overrun moved with it for a leg that begins later', async () => {
    const overrun = { while: 'encoder-connected', until: inMs(55 * minuteMs) } as const;
    const event = await show({ start: 'on-failure' }, { ...later, overrun });
    await event.reaches('main', 'scheduled');
    const times = timesIn(60 * minuteMs, 80 * minuteMs);
    await env.showcaller.reschedule(event.eventId, { ...by, ...times });
    await env.showcaller.switchLeg(event.eventId, { ...by, leg: 'backup' });
    await event.reaches('backup', 'scheduled');
    const [main, backup] = await Promise.all(
      ['main', 'backup'].map((leg) => env.showcaller.status(`${event.eventId}@${leg}`)),
    );
    expect(backup?.plan?.overrun).toEqual(main?.plan?.overrun);
    expect((await event.status()).plan?.overrun).toEqual(main?.plan?.overrun);
    await event.cancel();
  });

  test('in one leg alone is no failure of this leg before its own start', async () => {
    const event = await show({ start: 'on-failure' }, { ...later, startsAfter: '3m' });
    await event.reaches('main', 'scheduled');
    const times = timesIn(10 * minuteMs, 40 * minuteMs);
    await env.showcaller.reschedule(event.eventId, { ...by, ...times, leg: 'main' });
    await event.goLive('main');
    const now = await event.when((one) => one.legsOnAir !== undefined);
    expect(Date.now()).toBeLessThan(Date.parse(times.startsAt));
    expect([now.legs?.[0]?.failed, now.legs?.[1]?.begunAt]).toEqual([undefined, undefined]);
    await event.cancel();
  });
});

describe('an extension while a leg begins', () => {
  test('is of this leg too, whose plan is still being checked', async () => {
    const event = await show({ start: 'on-failure' });
    await event.goLive('main');
    await workflows.stop();
    const endsAt = inMs(10 * minuteMs);
    const handle = env.client.workflow.getHandle(`live-event/${event.eventId}`);
    const sent = [
      handle.executeUpdate('switchLeg', { args: [{ ...by, leg: 'backup' }] }),
      handle.executeUpdate<{ effect: string }, [object]>('extend', { args: [{ ...by, endsAt }] }),
    ] as const;
    workflows = await env.work(activities(), { only: 'workflows' });
    await Promise.all(sent);
    const moved = Date.parse(endsAt);
    await event.when(({ legs }) => legs?.every(({ status }) => status?.endsAt === moved) ?? false);
    await event.cancel();
  });

  test('is of this leg too when it begins after the others were asked', async () => {
    const event = await show({ start: 'on-failure' });
    await event.goLive('main');
    const [asked, held] = [gate(), gate()];
    before = async (leg) => {
      if (leg !== 'main') return;
      asked.letGo();
      await held.passed;
    };
    const endsAt = inMs(10 * minuteMs);
    const extended = env.showcaller.extend(event.eventId, { ...by, endsAt });
    await asked.passed;
    await env.showcaller.switchLeg(event.eventId, { ...by, leg: 'backup' });
    await event.reaches('backup', 'waiting-for-encoder');
    held.letGo();
    before = async () => {};
    expect((await extended).effect).toBe(`main: the show runs until ${endsAt}; backup: the show runs until ${endsAt}`);
    await event.cancel();
  });

  test('near the longest duration leaves it an overrun that its plan may have', async () => {
    const overrun = { while: 'encoder-connected', until: '4m' } as const;
    const waits = { firstConnect: '5m', encoderLost: '5m', maxDuration: '7m' };
    const event = await show({ start: 'on-failure' }, { overrun, waits });
    await event.goLive('main');
    await env.showcaller.extend(event.eventId, { ...by, endsAt: inMs(5 * minuteMs) });
    await env.showcaller.switchLeg(event.eventId, { ...by, leg: 'backup' });
    await event.goLive('backup');
    await event.cancel();
  });
});

test('two extensions at once leave every leg and the event with the times of the last', async () => {
  const event = await show();
  await event.goLive('main', 'backup');
  const [asked, held] = [gate(), gate()];
  let first = true;
  before = (leg) => {
    if (leg !== 'backup' || !first) return Promise.resolve();
    first = false;
    asked.letGo();
    return held.passed;
  };
  const [ten, twenty] = [inMs(10 * minuteMs), inMs(20 * minuteMs)];
  const one = env.showcaller.extend(event.eventId, { ...by, endsAt: ten });
  await asked.passed;
  const other = env.showcaller.extend(event.eventId, { ...by, endsAt: twenty });
  await event.when(({ legs }) => legs?.[0]?.status?.endsAt === Date.parse(ten));
  held.letGo();
  const answers = await Promise.all([one, other]);
  before = async () => {};
  expect(answers.map(({ refused }) => refused)).toEqual([undefined, undefined]);
  const moved = Date.parse(twenty);
  await event.when(
    ({ endsAt, legs }) => endsAt === moved && legs?.every(({ status }) => status?.endsAt === moved) === true,
  );
  await event.cancel();
});
