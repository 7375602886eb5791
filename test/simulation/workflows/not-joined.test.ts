import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isOver } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { by } from './workflows-harness.ts';

const second = 1000;

const planNow = (): Plan & { eventId: string } =>
  planFor({ duration: '300s', waits: { firstConnect: '120s', encoderLost: '120s' } });

const phaseIs = async (env: TestEnvironment, eventId: string, wanted: string) => {
  const reached = await until(async () => {
    const phase = (await env.showcaller.status(eventId).catch(() => undefined))?.phase;
    return (phase === wanted || isOver(phase)) && phase;
  });
  expect(reached).toBe(wanted);
};

/** A show whose run was terminated on air, with its encoder. */
async function cutOff() {
  const env = await testEnvironment();
  const vendor = new FakeVendor();
  vendor.namesRuns = true;
  let isBooked = false;
  await env.work(
    activitiesOn(vendor, {
      earlierRun: earlierRunPort(env.client),
      bookings: {
        book: async () => ({ booked: !isBooked, conflicts: [], holders: [] }),
        release: async () => undefined,
      },
      bookingRules: () => ({ onConflict: 'refuse' }),
    }),
  );
  const plan = planNow();
  const { eventId } = plan;
  await env.showcaller.start(plan);
  await phaseIs(env, eventId, 'waiting-for-encoder');
  const [name = ''] = vendor.channels.keys();
  vendor.connect(name);
  await phaseIs(env, eventId, 'live');
  await pause(5 * second);
  await env.client.workflow.getHandle(`live-event/${eventId}`).terminate('the test says so');
  const start = (given: unknown) =>
    env.client.workflow.start('liveEvent', {
      workflowId: `live-event/${eventId}`,
      taskQueue: env.taskQueue,
      args: [given],
    });
  const later = { ...plan, startsAt: new Date(Date.now() + 600 * second).toISOString() };
  const bookedElsewhere = () => {
    isBooked = true;
  };
  return { env, vendor, plan, later, eventId, name, start, bookedElsewhere };
}
type CutOff = Awaited<ReturnType<typeof cutOff>>;

const ends: readonly [end: string, reason: string, act: (show: CutOff) => Promise<unknown>][] = [
  [
    'whose allocation is refused',
    'allocation-failed',
    async ({ vendor, start, plan }) => {
      vendor.fail('allocate', 'unauthorized');
      await start(plan);
    },
  ],
  [
    'that begins after its end',
    'missed',
    async ({ start, plan }) => {
      const startsAt = new Date().toISOString();
      await pause(400 * second);
      await start({ ...plan, startsAt });
    },
  ],
  [
    'that is stopped before its allocation',
    'stopped-by-operator',
    async ({ env, eventId, start, later }) => {
      await start(later);
      await phaseIs(env, eventId, 'scheduled');
      expect((await env.showcaller.status(eventId)).released).toBe(false);
      await env.showcaller.stopNow(eventId, by);
    },
  ],
  [
    'that is cancelled before its allocation',
    'cancelled',
    async ({ env, eventId, start, later }) => {
      await start(later);
      await phaseIs(env, eventId, 'scheduled');
      await env.showcaller.cancel(eventId);
    },
  ],
  [
    'whose booking is refused',
    'already-booked',
    async ({ start, later, bookedElsewhere }) => {
      bookedElsewhere();
      await start({ ...later, uses: ['studio'] });
    },
  ],
];

describe.each(ends)('a run %s and that was to join a show on air', (_end, reason, act) => {
  it('closes the channel of that show, and says that nothing is billed only then', async () => {
    const show = await cutOff();
    const { env, vendor, eventId, name } = show;
    vendor.fail('cleanUp', 'not-yet', 3);
    await act(show);
    await phaseIs(env, eventId, 'cleaning-up');
    expect(await env.showcaller.status(eventId)).toMatchObject({ released: false, endReason: reason });
    expect(vendor.channels.has(name)).toBe(true);
    expect(await env.showcaller.result(eventId)).toMatchObject({ endReason: reason, released: true });
    expect(vendor.channels.size).toBe(0);
    await env.close();
  });
});

it('what an operator leaves of it is in the report', async () => {
  const { env, vendor, plan, eventId, name, start } = await cutOff();
  vendor.fail('allocate', 'unauthorized');
  vendor.fail('cleanUp', 'unauthorized', 1_000);
  await start(plan);
  await phaseIs(env, eventId, 'cleaning-up');
  await env.showcaller.abandonCleanup(eventId, by);
  expect(await env.showcaller.result(eventId)).toMatchObject({ released: false, left: { name } });
  await env.close();
});

it('the run after it makes a channel of its own, because none is left', async () => {
  const { env, vendor, plan, eventId, name, start } = await cutOff();
  vendor.fail('allocate', 'unauthorized');
  await start(plan);
  await env.showcaller.result(eventId);
  await env.showcaller.start(plan);
  await phaseIs(env, eventId, 'waiting-for-encoder');
  expect([...vendor.channels.keys()]).not.toContain(name);
  expect(vendor.channels.size).toBe(1);
  await env.showcaller.cancel(eventId);
  expect(await env.showcaller.result(eventId)).toMatchObject({ released: true });
  await env.close();
});

it('a run that was refused for its plan keeps no later one from joining the show', async () => {
  const { env, vendor, plan, eventId, name, start } = await cutOff();
  const refused = await start({ ...plan, vendor: 'unknown' });
  await expect(refused.result()).rejects.toThrow();
  await env.showcaller.start(plan);
  await phaseIs(env, eventId, 'live');
  expect([...vendor.channels.keys()]).toEqual([name]);
  expect({ made: vendor.made, session: vendor.channels.get(name)?.session }).toEqual({ made: 1, session: 1 });
  expect(await env.showcaller.result(eventId)).toMatchObject({ endReason: 'reached-end', released: true });
  await env.close();
});

it('a leg whose allocation is refused closes the channel that it was to join', async () => {
  const env = await testEnvironment();
  const vendors = { a: new FakeVendor(), b: new FakeVendor() };
  const all = Object.values(vendors);
  await env.work(
    activitiesOnAccounts(vendors, { legs: legsPort(env.client), earlierRun: earlierRunPort(env.client), timeScale: 1 }),
  );
  const { vendor: _, ...rest } = planNow();
  const plan = { ...rest, legs: ['a', 'b'].map((account) => ({ name: account, vendor: 'alibaba-oss', account })) };
  const { eventId } = plan;
  const legs = async () => (await env.showcaller.status(eventId).catch(() => undefined))?.legs ?? [];
  await env.showcaller.start(plan);
  await until(() => all.every(({ channels }) => [...channels.values()].some(({ open }) => open)));
  for (const vendor of all) vendor.connect([...vendor.channels.keys()][0] ?? '');
  await until(async () => (await legs()).filter(({ status }) => status?.phase === 'live').length === 2);
  for (const id of [`${eventId}@a`, `${eventId}@b`, eventId])
    await env.client.workflow.getHandle(`live-event/${id}`).terminate('the test says so');
  vendors.b.fail('allocate', 'unauthorized');
  await env.showcaller.start(plan);
  await until(() => vendors.b.channels.size === 0);
  const report = await env.showcaller.result(eventId);
  expect(report).toMatchObject({ endReason: 'reached-end', released: true });
  expect(all.map(({ channels }) => channels.size)).toEqual([0, 0]);
  await env.close();
});
