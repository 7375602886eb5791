import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BookingsPort } from '../../../activities/ports.ts';
import { Bookings } from '../../../client/bookings.ts';
import { ShowcallerClient } from '../../../client/client.ts';
import type { Booking } from '../../../domain/booking/calendar.ts';
import { mostOfTenant } from '../../../domain/booking/request.ts';
import { bookingsIdOf, webhooksIdOf } from '../../../domain/ids.ts';
import type { Plan } from '../../../domain/plan.ts';
import { attributeNames } from '../../../domain/search-attributes.ts';
import type { TenantBudget } from '../../../domain/usage/tenant-budget.ts';
import { type WebhookMessage, webhookTypes } from '../../../domain/webhooks/webhook.ts';
import { budgetsPort } from '../../../worker/budgets.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { twoLegs } from './legs-harness.ts';

const by = { by: 'tester', reason: 'the test says so' };
const minute = 60_000;

let env: TestEnvironment;
let showcaller: ShowcallerClient;
const vendors = { a: new FakeVendor(), b: new FakeVendor() };
const budgets = new Map<string, TenantBudget>();
const budgetOf = (tenant: string) => budgets.get(tenant);
const sent: WebhookMessage[] = [];
let bookings: Bookings;
/** What becomes of a booking that a run asks for. */
let bookingsOfRuns: () => Promise<void> = async () => {};

beforeAll(async () => {
  env = await testEnvironment();
  const { client, taskQueue } = env;
  bookings = new Bookings(client, { taskQueue });
  const port: BookingsPort = {
    async book(request) {
      await bookingsOfRuns();
      return bookings.book(request);
    },
    release: (of) => bookings.release(of),
  };
  const subscriber = { name: 'ops', url: 'https://subscriber.invalid/', isDefault: true, secrets: [] };
  const activities = activitiesOnAccounts(vendors, {
    bookings: port,
    budgets: budgetsPort(client, { taskQueue, budgetOf }),
    legs: legsPort(client),
    subscribers: [{ ...subscriber, types: webhookTypes.filter((type) => type !== 'ingest') }],
  });
  await env.work({
    ...activities,
    async deliver({ notice }) {
      sent.push(notice);
      return { outcome: 'delivered' };
    },
  });
  showcaller = new ShowcallerClient(client, { taskQueue, countsBudget: (tenant) => budgetOf(tenant) !== undefined });
});
afterAll(() => env.close());

function planOf(minutes: number, limit: number) {
  const tenant = `t-${randomUUID().slice(0, 8)}`;
  budgets.set(tenant, { minutes: limit, onLimit: 'refuse' });
  const waits = { firstConnect: '60s', encoderLost: '60s' };
  const { vendor: _, ...plan } = planFor({ tenant, duration: `${minutes}m`, waits, title: 'Final' });
  return { ...plan, tenant, startsAt: new Date(Date.now() + minute).toISOString(), legs: twoLegs() };
}

/** A run that no client asked for: none books for it beforehand. */
const startRaw = ({ eventId, ...plan }: Plan & { eventId: string }) =>
  env.client.workflow.start('liveEvent', {
    workflowId: `live-event/${eventId}`,
    taskQueue: env.taskQueue,
    args: [plan],
  });
const typesSent = (eventId: string) =>
  sent.filter(({ data }) => data.eventId === eventId).map(({ type, data }) => [type, data.phase]);

/** Until the run is over, and all of it sent: how the run says it ended. */
async function over(handle: Awaited<ReturnType<typeof startRaw>>, eventId: string) {
  await handle.result().catch(() => undefined);
  await env.client.workflow.getHandle(webhooksIdOf(eventId, handle.firstExecutionRunId)).result();
  return showcaller.status(eventId);
}

const isAsked = (eventId: string) =>
  until(async () => (await showcaller.pending(eventId)).some(({ name }) => name === 'bookUses'));

/** Which runs and legs of the event hold anything. */
async function holdersOf(eventId: string): Promise<string[]> {
  const held = await env.client.workflow.getHandle(bookingsIdOf(env.taskQueue)).query<Booking[]>('bookings');
  return held.map(({ event }) => event).filter((event) => event.includes(eventId));
}

/** Runs with bookings that answer nothing until the run is over. */
async function withoutAnswers<T>(work: () => Promise<T>): Promise<T> {
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  bookingsOfRuns = () => held;
  try {
    return await work();
  } finally {
    bookingsOfRuns = async () => {};
    go();
  }
}

describe('an event with legs that ends before any of them begins', () => {
  it('because its tenant has no budget for it reaches its subscribers, and lists find it', async () => {
    const plan = planOf(40, 60);
    const handle = await startRaw(plan);
    const report = await over(handle, plan.eventId);
    expect(report).toMatchObject({ endReason: 'over-budget', phase: 'failed', title: 'Final', released: true });
    expect(report.endDetail).toContain('the event needs 80 min');
    expect(typesSent(plan.eventId)).toEqual([
      ['phase-changed', 'failed'],
      ['ended', 'failed'],
    ]);
    const { searchAttributes } = await handle.describe();
    expect(searchAttributes).toMatchObject({
      [attributeNames.phase]: ['failed'],
      [attributeNames.endReason]: ['over-budget'],
      [attributeNames.vendor]: ['alibaba-oss'],
      [attributeNames.account]: ['a'],
      [attributeNames.tenant]: [plan.tenant],
      [attributeNames.startsAt]: [new Date(plan.startsAt)],
    });
  });

  it('because it could not be booked ends as any event, not as if its plan were mistaken', async () => {
    bookingsOfRuns = async () => {
      throw new Error('the bookings do not answer');
    };
    const plan = planOf(20, 60);
    const report = await over(await startRaw(plan), plan.eventId);
    bookingsOfRuns = async () => {};
    expect(report).toMatchObject({
      ...{ endReason: 'already-booked', phase: 'failed', title: 'Final', tenant: plan.tenant, vendor: 'alibaba-oss' },
      ...{ startsAt: Date.parse(plan.startsAt), entered: { failed: expect.any(Number) } },
      endDetail: 'what the event uses could not be booked: the bookings do not answer',
    });
    expect(typesSent(plan.eventId).at(-1)).toEqual(['ended', 'failed']);
  });

  it.each(['stop', 'cancel'] as const)('is ended at once by %s while it is being booked', async (action) => {
    const plan = planOf(20, 60);
    await withoutAnswers(async () => {
      const handle = await startRaw(plan);
      await isAsked(plan.eventId);
      expect(await showcaller.status(plan.eventId)).toMatchObject({ title: 'Final', vendor: 'alibaba-oss' });
      const extended = showcaller.extend(plan.eventId, {
        ...by,
        endsAt: new Date(Date.now() + 60 * minute).toISOString(),
      });
      await expect(extended).rejects.toThrow('is still being booked');
      await expect(showcaller.switchLeg(plan.eventId, { ...by, leg: 'backup' })).rejects.toThrow(
        'is still being booked',
      );
      const askedAt = Date.now();
      if (action === 'stop') {
        expect(await showcaller.stopNow(plan.eventId, by)).toMatchObject({ accepted: true });
      } else await showcaller.cancel(plan.eventId);
      const report = await over(handle, plan.eventId);
      expect(Date.now() - askedAt).toBeLessThan(minute);
      expect(report).toMatchObject({ endReason: action === 'stop' ? 'stopped-by-operator' : 'cancelled' });
      expect(report.legs).toBe(undefined);
      expect(typesSent(plan.eventId).at(-1)).toEqual(['ended', report.phase]);
    });
  });
});

it('an event with legs that is stopped before any of them begins frees what was booked for them', async () => {
  const plan = { ...planOf(20, 60), uses: [`studio-${randomUUID().slice(0, 8)}`] };
  await withoutAnswers(async () => {
    await showcaller.start(plan);
    await isAsked(plan.eventId);
    expect(await holdersOf(plan.eventId)).toEqual(plan.legs.map(({ name }) => expect.stringContaining(`@${name}`)));
    await showcaller.stopNow(plan.eventId, by);
    await showcaller.result(plan.eventId);
    expect(await holdersOf(plan.eventId)).toEqual([]);
  });
});

it('an event with legs that took the last places of its tenant keeps them, and what it uses, once it runs', async () => {
  const studio = `studio-${randomUUID().slice(0, 8)}`;
  const { tenant, ...plan } = { ...planOf(20, 60), uses: [studio] };
  const at = Date.parse(plan.startsAt);
  const others = Array.from({ length: mostOfTenant - plan.legs.length }, (_, index) => ({
    ...{ event: `${tenant}/e${index}`, tenant, claim: `e${index}`, vendor: 'aws-ivs', account: 'default' },
    ...{ allocateAt: at, startsAt: at, endsAt: at + minute, uses: [`e${index}`] },
  }));
  const answers = await Promise.all(others.map((one) => bookings.book(one)));
  expect(answers.every(({ booked }) => booked)).toBe(true);
  await showcaller.start({ ...plan, tenant });
  await until(async () =>
    (await showcaller.status(plan.eventId)).legs?.every(({ status }) => status?.entered.scheduled),
  );
  const held = await env.client.workflow.getHandle(bookingsIdOf(env.taskQueue)).query<Booking[]>('bookings');
  const using = held.filter(({ uses }) => uses.some(({ use }) => use === `${tenant}/${studio}`));
  expect(using.map(({ event }) => event)).toEqual([`${plan.eventId}@${plan.legs[0]?.name}`]);
  await showcaller.stopNow(plan.eventId, by);
  await showcaller.result(plan.eventId);
});
