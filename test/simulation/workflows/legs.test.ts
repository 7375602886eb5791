import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Activities } from '../../../activities/contract.ts';
import { reportLines } from '../../../cli/report-text.ts';
import type { LegPlan, Plan } from '../../../domain/plan.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { totalMs } from '../../../domain/spans.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { legOf, looksAt, twoLegs } from './legs-harness.ts';

const by = { by: 'tester', reason: 'the test says so' };
let env: TestEnvironment;
/** One vendor in memory for each account. */
const vendors = { a: new FakeVendor(), b: new FakeVendor() };

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activities());
});
afterAll(() => env.close());

const activities = (): Activities => activitiesOnAccounts(vendors, { legs: legsPort(env.client) });

async function show(second: Partial<LegPlan> = {}, overrides: Partial<Plan> = {}) {
  const { vendor: _, ...rest } = planFor({ duration: '120s', waits: { firstConnect: '60s', encoderLost: '20s' } });
  const plan = { ...rest, legs: twoLegs(second), failover: { dark: '10s' }, ...overrides };
  const { eventId } = plan;
  await env.showcaller.start(plan);
  const { status, when, reaches } = looksAt(env, eventId);
  const open = (name: string) => reaches(name, 'waiting-for-encoder');
  return {
    eventId,
    status,
    when,
    open,
    connect: async (name: 'main' | 'backup') => {
      await open(name);
      const { channel } = legOf(await status(), name)?.status ?? {};
      vendors[name === 'main' ? 'a' : 'b'].connect(channel?.ref.name ?? '');
    },
    reconnect: async (name: 'main' | 'backup') => {
      const { channel } = legOf(await status(), name)?.status ?? {};
      vendors[name === 'main' ? 'a' : 'b'].connect(channel?.ref.name ?? '');
    },
    disconnect: async (name: 'main' | 'backup') => {
      const { channel } = legOf(await status(), name)?.status ?? {};
      vendors[name === 'main' ? 'a' : 'b'].disconnect(channel?.ref.name ?? '');
    },
    isLive: (name: string) => reaches(name, 'live'),
    result: () => env.showcaller.result(eventId),
  };
}

describe('an event with two hot legs', () => {
  test('runs both, proves both, and reports on each', async () => {
    const event = await show();
    await event.connect('main');
    await event.isLive('main');
    await event.connect('backup');
    const report = await event.result();
    expect(report).toMatchObject({ phase: 'completed', endReason: 'reached-end', released: true });
    expect(report.legs?.map(({ name, status }) => [name, status?.phase, status?.vod[0]?.proof.proved])).toEqual([
      ['main', 'completed', true],
      ['backup', 'completed', true],
    ]);
    expect(report.legsOnAir).toEqual([expect.objectContaining({ leg: 'main', to: expect.any(Number) })]);
    expect(report.recording).toEqual([expect.objectContaining({ leg: 'main' })]);
    expect([...vendors.a.channels.keys(), ...vendors.b.channels.keys()]).toEqual([]);
  });

  test('sends viewers to the other leg when one has lost its picture for longer than failover.dark', async () => {
    const event = await show();
    await event.connect('main');
    await event.isLive('main');
    await event.connect('backup');
    await event.isLive('backup');
    await event.disconnect('main');
    const switched = await event.when(({ legsOnAir }) => legsOnAir?.at(-1)?.leg === 'backup');
    const [first, second] = switched.legsOnAir ?? [];
    expect(first?.to).toBe(second?.from);
    expect(switched.legs?.[0]?.failed?.reason).toContain('the encoder is lost');
    const lostAt = switched.legs?.[0]?.failed?.since ?? 0;
    expect((second?.from ?? 0) - lostAt).toBeLessThan(11_000);
    const failures = ({ warnings }: EventStatus) => warnings?.filter(({ warning }) => warning === 'leg-failed');
    expect(failures(switched)).toMatchObject([{ message: expect.stringContaining('leg main (') }]);
    expect(failures(switched)?.[0]?.endedAt).toBeUndefined();
    await event.reconnect('main');
    const well = await event.when(({ legs }) => legs?.[0]?.failed === undefined);
    expect(failures(well)).toMatchObject([{ endedAt: expect.any(Number), ended: 'it is well again' }]);
    expect((await event.result()).phase).toBe('completed');
  });
});

describe('a leg that is held back', () => {
  test('never begins while the other is well, which waits for its start with its channel made', async () => {
    const event = await show({ start: 'on-failure' }, { startsAfter: '121s', warmUp: '120s', startLead: '10s' });
    await event.connect('main');
    const report = await event.result();
    expect(report.legs?.[1]).toEqual({ name: 'backup', vendor: 'alibaba-oss', account: 'b', start: 'on-failure' });
    expect(report.endReason).toBe('reached-end');
  });

  test('begins when a step of the other has failed', async () => {
    vendors.a.fail('allocate', 'unauthorized');
    const event = await show({ start: 'on-failure' });
    await event.connect('backup');
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', phase: 'completed', released: true });
    expect(report.legs?.[1]?.begunBecause).toContain('leg main');
    expect(report.endDetail).toContain('leg main (alibaba-oss): allocation-failed');
    expect(report.legsOnAir).toMatchObject([{ leg: 'backup' }]);
  });

  test('begins when the vendor of the other does not answer', async () => {
    vendors.a.fail('start', 'not-yet', 1000);
    const event = await show({ start: 'on-failure' });
    const begun = await event.when(({ legs }) => legs?.[1]?.begunAt !== undefined);
    vendors.a.recover();
    expect(begun.legs?.[0]?.failed?.reason).toContain('the vendor has not opened its channel');
    await event.connect('backup');
    await event.isLive('backup');
    await env.showcaller.stopNow(event.eventId, by);
    expect((await event.result()).endReason).toBe('stopped-by-operator');
  });

  test('begins by hand, and viewers are sent to it when it is live', async () => {
    const event = await show({ start: 'on-failure' });
    await event.connect('main');
    await event.isLive('main');
    const { effect } = await env.showcaller.switchLeg(event.eventId, { ...by, leg: 'backup' });
    expect(effect).toBe('leg backup begins now, and viewers are sent to it when it is live');
    await event.connect('backup');
    await event.when(({ legsOnAir }) => legsOnAir?.at(-1)?.leg === 'backup');
    await expect(env.showcaller.switchLeg(event.eventId, { ...by, leg: 'backup' })).rejects.toThrow('on air already');
    await expect(env.showcaller.switchLeg(event.eventId, { ...by, leg: 'none' })).rejects.toThrow(
      'there is no leg "none": one of main, backup',
    );
    const report = await event.result();
    expect(report.audit.map(({ action }) => action)).toEqual(['switchLeg']);
    expect(reportLines(report).find((line) => line.startsWith('  operator'))).toMatch(
      / switch --leg backup by tester: /,
    );
  });
});

describe('actions of operators', () => {
  test('a stop of one leg leaves the other on', async () => {
    const event = await show();
    await Promise.all([event.connect('main'), event.connect('backup')]);
    await event.isLive('main');
    await event.isLive('backup');
    await env.showcaller.stopNow(event.eventId, { ...by, leg: 'main' });
    const now = await event.when(({ legsOnAir }) => legsOnAir?.at(-1)?.leg === 'backup');
    expect(now.phase).toBe('live');
    const { effect } = await env.showcaller.stopNow(event.eventId, by);
    expect(effect).toContain('backup: the show ends now');
    const report = await event.result();
    expect(report.legs?.map(({ status }) => status?.endReason)).toEqual(['stopped-by-operator', 'stopped-by-operator']);
  });

  test('an action that every leg refuses is refused with the reason of each', async () => {
    const event = await show();
    await Promise.all([event.connect('main'), event.connect('backup')]);
    await event.isLive('main');
    await event.isLive('backup');
    await expect(env.showcaller.skipWait(event.eventId, by)).rejects.toThrow(
      'main: nothing waits for the encoder (live); backup: nothing waits for the encoder (live)',
    );
    await env.showcaller.cancel(event.eventId);
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'cancelled', phase: 'cancelled', released: true });
    expect(report.legs?.map(({ status }) => status?.phase)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('ends that no plan has', () => {
  test('the legs of a terminated event stop and clean up', async () => {
    const event = await show();
    await Promise.all([event.connect('main'), event.connect('backup')]);
    await event.isLive('main');
    await env.client.workflow.getHandle(`live-event/${event.eventId}`).terminate('by the test');
    const legs = await Promise.all(['main', 'backup'].map((leg) => env.showcaller.result(`${event.eventId}@${leg}`)));
    expect(legs.map(({ phase, released }) => [phase, released])).toEqual([
      ['cancelled', true],
      ['cancelled', true],
    ]);
    expect((await event.result()).endDetail).toContain('its legs were cancelled and clean up');
  });

  test('a leg whose run is terminated has failed, and the other goes on', async () => {
    const event = await show({ start: 'on-failure' });
    await event.connect('main');
    await event.isLive('main');
    await env.client.workflow.getHandle(`live-event/${event.eventId}@main`).terminate('by the test');
    await event.connect('backup');
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.legs?.[0]?.lost).toContain('terminated in Temporal');
    expect(report.released).toBe(false);
    vendors.a.channels.clear();
  });
});

test('`require: all` fails an event of which one leg has no recording', async () => {
  vendors.a.fail('allocate', 'unauthorized');
  const event = await show({}, { require: 'all' });
  await event.connect('backup');
  const report = await event.result();
  expect(report).toMatchObject({ phase: 'failed', endReason: 'allocation-failed', released: true });
  expect(report.endDetail).toContain('the plan requires the recordings of all legs: leg main');
});

test('what is no report of a leg changes nothing, whoever sends it', async () => {
  const event = await show();
  await event.open('main');
  const before = await event.status();
  const whole = before.legs?.[0]?.status;
  const handle = env.client.workflow.getHandle(`live-event/${event.eventId}`);
  const statuses = [
    { phase: 'live' },
    { ...whole, phase: 'gone home' },
    { ...whole, phase: 'live', windows: [null] },
    { ...whole, phase: 'live', vod: [{}] },
    { ...whole, phase: 'live', onAir: 'no' },
    { ...whole, phase: 'live', viewed: {} },
    { ...whole, phase: 'live', entered: { live: 'now' } },
    { ...whole, phase: 'live', entered: null },
    { ...whole, phase: 'live', preflight: {} },
    { ...whole, phase: 'live', preflight: { at: 1, findings: [] } },
    { ...whole, phase: 'live', preflight: { at: 1, findings: [null], unseen: [] } },
    { ...whole, phase: 'live', nextCue: { what: 'rest', at: 1 } },
  ];
  for (const sent of [null, 'live', { leg: 'main' }, ...statuses.map((status) => ({ leg: 'main', status }))])
    await handle.signal('leg', sent);
  expect((await event.status()).legs?.[0]?.status?.phase).toBe('waiting-for-encoder');
  await event.connect('main');
  await event.connect('backup');
  expect((await event.result()).endReason).toBe('reached-end');
});

test('a list shows the event, not its legs', async () => {
  const event = await show();
  await event.open('main');
  const listed: string[] = [];
  for await (const { eventId } of env.showcaller.list()) if (eventId.startsWith(event.eventId)) listed.push(eventId);
  expect(listed).toEqual([event.eventId]);
  await env.showcaller.cancel(event.eventId);
});

test('legs spend the budget of their event together, and all end when it is spent', async () => {
  const event = await show({}, { budget: { billedMinutes: 1, onLimit: 'stop' } });
  await event.connect('main');
  await event.connect('backup');
  const report = await event.result();
  expect(report).toMatchObject({ phase: 'completed', endReason: 'budget-spent', released: true });
  const sent = (report.legs ?? []).map(({ status }) => totalMs(status?.windows ?? []));
  expect(sent).toHaveLength(2);
  expect(Math.abs(sent.reduce((sum, ms) => sum + ms, 0) - 60_000)).toBeLessThan(6_000);
  const names = report.warnings?.map(({ warning }) => warning);
  expect(names?.filter((name) => name.startsWith('budget'))).toEqual(['budget-near', 'budget-spent']);
});
