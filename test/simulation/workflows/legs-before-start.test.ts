import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LegPlan, Plan } from '../../../domain/plan.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { legOf, looksAt, twoLegs } from './legs-harness.ts';

const by = { by: 'tester', reason: 'the test says so' };
let env: TestEnvironment;
const vendors = { a: new FakeVendor(), b: new FakeVendor() };

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activitiesOnAccounts(vendors, { legs: legsPort(env.client) }));
});
afterAll(() => env.close());

/** Its encoders may connect two minutes before it starts. */
async function show(second: Partial<LegPlan> = {}, overrides: Partial<Plan> = {}) {
  const leads = { startsAfter: '4m', warmUp: '3m', startLead: '2m', duration: '1m' };
  const { vendor: _, ...rest } = planFor({ ...leads, waits: { firstConnect: '60s', encoderLost: '60s' } });
  const plan = { ...rest, legs: twoLegs(second), failover: { dark: '10s' }, ...overrides };
  const { eventId } = plan;
  await env.showcaller.start(plan);
  const { when, reaches } = looksAt(env, eventId);
  return {
    eventId,
    when,
    connect: async (name: 'main' | 'backup') => {
      const now = await reaches(name, 'waiting-for-encoder');
      const { channel } = legOf(now, name)?.status ?? {};
      vendors[name === 'main' ? 'a' : 'b'].connect(channel?.ref.name ?? '');
      await reaches(name, 'live');
    },
    onAir: async (leg: string) =>
      (await when(({ legsOnAir }) => legsOnAir?.at(-1)?.leg === leg)).legsOnAir?.map((one) => [one.leg, one.why]),
    result: () => env.showcaller.result(eventId),
  };
}

describe('before the show', () => {
  test('the first leg of the plan that is live is on air, whichever encoder came first', async () => {
    const event = await show();
    await event.connect('backup');
    await event.connect('main');
    expect(await event.onAir('main')).toEqual([
      ['backup', 'it was live first'],
      ['main', 'it stands before leg backup in the plan'],
    ]);
    expect((await event.result()).legsOnAir).toHaveLength(2);
  });

  test('viewers stay on the leg that an operator switched to', async () => {
    const event = await show();
    await event.connect('main');
    await event.connect('backup');
    await env.showcaller.switchLeg(event.eventId, { ...by, leg: 'backup' });
    await event.onAir('backup');
    // Whatever the event hears of then.
    await env.showcaller.extend(event.eventId, { ...by, endsAt: new Date(Date.now() + 6 * 60_000).toISOString() });
    const report = await event.result();
    expect(report.legsOnAir?.map(({ leg }) => leg)).toEqual(['main', 'backup']);
  });

  test('viewers are sent to the leg of a switch that came before any channel was made, when it is live', async () => {
    const event = await show();
    await event.when(({ legs }) => legs?.[1]?.status?.phase === 'scheduled');
    const { effect } = await env.showcaller.switchLeg(event.eventId, { ...by, leg: 'backup' });
    expect(effect).toBe('leg backup is not live yet; viewers are sent to it when it is live');
    await event.connect('main');
    await event.connect('backup');
    await env.showcaller.extend(event.eventId, { ...by, endsAt: new Date(Date.now() + 6 * 60_000).toISOString() });
    expect((await event.onAir('backup'))?.at(-1)).toEqual(['backup', 'switched by tester: the test says so']);
    const report = await event.result();
    expect(report.legsOnAir?.map(({ leg }) => leg)).toEqual(['main', 'backup']);
  });

  test('a switch to a leg that is not live yet is taken back by a switch to the one on air', async () => {
    const event = await show();
    await event.connect('main');
    await event.onAir('main');
    const to = (leg: string) => env.showcaller.switchLeg(event.eventId, { ...by, leg });
    await expect(to('main')).rejects.toThrow('leg main is on air already');
    await to('backup');
    expect((await to('main')).effect).toBe('viewers stay on leg main; the switch to leg backup is taken back');
    await expect(to('main')).rejects.toThrow('leg main is on air already');
    await event.connect('backup');
    const report = await event.result();
    expect(report.legsOnAir?.map(({ leg }) => leg)).toEqual(['main']);
  });
});
