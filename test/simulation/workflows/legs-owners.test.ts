import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import { sweepNow } from '../../../client/sweep.ts';
import type { Plan } from '../../../domain/plan.ts';
import { attributeNames } from '../../../domain/search-attributes.ts';
import { legsPort } from '../../../worker/legs.ts';
import { sweepPort } from '../../../worker/sweep.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const by = { by: 'tester', reason: 'the test says so' };
const vendors = { a: new FakeVendor(), b: new FakeVendor() };
const accounts = Object.keys(vendors).map((account) => ({ vendor: 'alibaba-oss', account }));
let env: TestEnvironment;

beforeAll(async () => {
  env = await testEnvironment();
  const { client, taskQueue } = env;
  await env.work(
    activitiesOnAccounts(vendors, {
      legs: legsPort(client),
      bookings: new Bookings(client, { taskQueue }),
      bookingRules: (_vendor, account) => ({ onConflict: 'refuse', ...(account === 'b' && { slots: 1 }) }),
      sweep: sweepPort(client),
      allAccounts: () => accounts,
    }),
  );
});
afterAll(() => env.close());

function planOf(overrides: Partial<Plan> = {}) {
  const waits = { firstConnect: '60s', encoderLost: '60s' };
  const { vendor: _, ...plan } = planFor({ duration: '120s', waits, ...overrides });
  const legs = accounts.map(({ vendor, account }, at) => ({ name: ['main', 'backup'][at] ?? '', vendor, account }));
  return { ...plan, legs, failover: { dark: '10s' } };
}

const phaseOf = async (eventId: string, leg: string, client = env.showcaller) =>
  (await client.status(eventId).catch(() => undefined))?.legs?.find(({ name }) => name === leg)?.status?.phase;
const areOpen = (eventId: string, client = env.showcaller) =>
  until(async () => {
    const phases = await Promise.all(['main', 'backup'].map((leg) => phaseOf(eventId, leg, client)));
    return phases.every((phase) => phase === 'waiting-for-encoder');
  });

describe('the legs of an event', () => {
  it('are of its tenant: no other knows them, and each asks its own account alone', async () => {
    const [acme, bolt] = [env.showcaller.forTenant('acme'), env.showcaller.forTenant('bolt')];
    const { eventId } = await acme.start(planOf());
    await areOpen(eventId, acme);
    for (const leg of ['main', 'backup']) {
      const id = `${eventId}@${leg}`;
      expect((await acme.status(id)).tenant).toBe('acme');
      await expect(bolt.status(id)).rejects.toThrow('there is no event');
      const run = await env.client.workflow.getHandle(`live-event/acme/${id}`).describe();
      expect(run.searchAttributes[attributeNames.tenant]).toEqual(['acme']);
    }
    expect([...vendors.a.channels.keys()].filter((name) => name.includes('backup'))).toEqual([]);
    expect([...vendors.b.channels.keys()].filter((name) => name.includes('main'))).toEqual([]);
    // Under the same id another tenant has an event of its own.
    expect((await bolt.start(planFor({ eventId, vendor: 'alibaba-oss', startsAfter: '1h' }))).started).toBe(true);
    await bolt.cancel(eventId);
    await acme.cancel(eventId);
    expect((await acme.result(eventId)).released).toBe(true);
  });

  it('need a slot of their own account each: one that has none ends before anything is made, and the other carries the show', async () => {
    const holder = planFor({ vendor: 'alibaba-oss', account: 'b', duration: '1h', waits: { firstConnect: '1h' } });
    await env.showcaller.start(holder);
    await until(
      async () => (await env.showcaller.status(holder.eventId).catch(() => undefined))?.phase === 'waiting-for-encoder',
    );
    const made = vendors.b.made;
    const { eventId } = await env.showcaller.start(planOf());
    await until(async () => (await phaseOf(eventId, 'main')) === 'waiting-for-encoder');
    vendors.a.connect([...vendors.a.channels.keys()].find((name) => name.includes(eventId)) ?? '');
    const report = await env.showcaller.result(eventId);
    expect(report).toMatchObject({ phase: 'completed', endReason: 'reached-end', released: true });
    expect(report.legs?.map(({ status }) => status?.endReason)).toEqual(['reached-end', 'already-booked']);
    expect(report.endDetail).toContain('leg backup (alibaba-oss): already-booked: a channel of alibaba-oss / b');
    expect(vendors.b.made).toBe(made);
    await env.showcaller.stopNow(holder.eventId, by);
    await env.showcaller.result(holder.eventId);
  });

  it('are swept one by one: what a terminated leg left is released, and the leg that runs is left alone', async () => {
    const { eventId } = await env.showcaller.start(planOf());
    await areOpen(eventId);
    await env.client.workflow.getHandle(`live-event/${eventId}@backup`).terminate('the test says so');
    const sweep = () => sweepNow(env.client, { taskQueue: env.taskQueue, graceMs: 500 });
    const swept = await sweep();
    expect(JSON.stringify(swept)).toContain(`${eventId}@backup`);
    expect([vendors.a.channels.size, vendors.b.channels.size]).toEqual([1, 0]);
    expect(await phaseOf(eventId, 'main')).toBe('waiting-for-encoder');
    // Both, and the event: its legs are cancelled when it goes first.
    await env.client.workflow.getHandle(`live-event/${eventId}@main`).terminate('the test says so');
    await env.showcaller.result(eventId).catch(() => undefined);
    await sweep();
    expect([vendors.a.channels.size, vendors.b.channels.size]).toEqual([0, 0]);
  });
});
