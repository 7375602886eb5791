import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isOver } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { stillBilled } from '../../../domain/still-billed.ts';
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
  let accounts = Promise.resolve();
  const runs = earlierRunPort(env.client);
  let unreleased = runs.unreleased;
  await env.work(
    activitiesOn(vendor, {
      driver: (_vendor, account) => accounts.then(() => vendor.driver(account)),
      earlierRun: { ...runs, unreleased: (run) => unreleased(run) },
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
  const accountsHang = () => {
    accounts = new Promise(() => {});
  };
  const listsFail = () => {
    unreleased = () => Promise.reject(new Error('no list, as the test asked'));
  };
  return { env, vendor, plan, later, eventId, name, start, bookedElsewhere, accountsHang, listsFail };
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

describe('a run that ends before it has a plan, after one that was cut off', () => {
  const left = (name: string) =>
    new RegExp(`^an earlier run of the event was cut off while live: its channel ${name} at alibaba-oss / default may`);

  it('says what that left, and is not released, where its plan is refused', async () => {
    const { env, plan, eventId, name, start } = await cutOff();
    await start({ ...plan, vendor: 'unknown' });
    const report = await env.showcaller.result(eventId);
    expect(report).toMatchObject({ endReason: 'invalid-plan', released: false });
    expect(report.leftBefore).toMatch(left(name));
    expect(stillBilled(report)).toBe(report.leftBefore);
    await env.close();
  });

  it('says so too where it is cancelled while the plan is checked', async () => {
    const { env, plan, eventId, name, start, accountsHang } = await cutOff();
    accountsHang();
    const checked = await start(plan);
    await until(async () => (await checked.describe()).raw.pendingActivities?.length);
    await checked.cancel();
    const report = await env.showcaller.result(eventId);
    expect(report).toMatchObject({ endReason: 'cancelled', released: false });
    expect(report.leftBefore).toMatch(left(name));
    await env.close();
  });

  it('says that it is unknown where Temporal does not list the runs', async () => {
    const { env, plan, eventId, start, listsFail } = await cutOff();
    listsFail();
    await start({ ...plan, vendor: 'unknown' });
    const report = await env.showcaller.result(eventId);
    expect(report).toMatchObject({ endReason: 'invalid-plan', released: false });
    expect(report.leftBefore).toBe(
      'whether an earlier run of the event left something billed is unknown: no list, as the test asked',
    );
    await env.close();
  });

  it('is released where there was none', async () => {
    const { env, plan } = await cutOff();
    const { vendor: _, ...rest } = planNow();
    await env.client.workflow.start('liveEvent', {
      workflowId: `live-event/${rest.eventId}`,
      taskQueue: env.taskQueue,
      args: [{ ...plan, eventId: rest.eventId, vendor: 'unknown' }],
    });
    const report = await env.showcaller.result(rest.eventId);
    expect(report).toMatchObject({ endReason: 'invalid-plan', released: true });
    expect(report.leftBefore).toBeUndefined();
    await env.close();
  });
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
