import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import { ShowcallerClient } from '../../../client/client.ts';
import { OverBudgetError, RefusedError } from '../../../client/errors.ts';
import type { Plan } from '../../../domain/plan.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { totalMs } from '../../../domain/spans.ts';
import { monthOf, spanOfMonth } from '../../../domain/usage/month.ts';
import type { TenantBudget } from '../../../domain/usage/tenant-budget.ts';
import { budgetsPort } from '../../../worker/budgets.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const by = { by: 'tester', reason: 'the test says so' };
const minute = 60_000;
/** A look each minute, and what it takes to end the show. */
const oneLookMs = minute + 5_000;

let env: TestEnvironment;
let showcaller: ShowcallerClient;
const vendor = new FakeVendor();
const budgets = new Map<string, TenantBudget>();
const budgetOf = (tenant: string) => budgets.get(tenant);

beforeAll(async () => {
  env = await testEnvironment();
  const { client, taskQueue } = env;
  const activities = activitiesOn(vendor, {
    bookings: new Bookings(client, { taskQueue }),
    budgets: budgetsPort(client, { taskQueue, budgetOf }),
    legs: legsPort(client),
  });
  await env.work(activities);
  showcaller = new ShowcallerClient(client, { taskQueue, countsBudget: (tenant) => budgetOf(tenant) !== undefined });
  // In the last hours of a month the use of a show would be in two.
  await passes(spanOfMonth(monthOf(Date.now())).to + minute);
});
afterAll(() => env.close());

function tenantWith(budget: TenantBudget): string {
  const tenant = `t-${randomUUID().slice(0, 8)}`;
  budgets.set(tenant, budget);
  return tenant;
}

const planOf = (tenant: string, minutes: number, overrides: Partial<Plan> = {}) =>
  planFor({
    tenant,
    duration: `${minutes}m`,
    waits: { firstConnect: '10m', encoderLost: '60m', maxDuration: '10h' },
    ...overrides,
  });

/** A show that its encoder sends to from the beginning. */
async function live(plan: ReturnType<typeof planOf>) {
  await showcaller.start(plan);
  await reaches(plan.eventId, 'waiting-for-encoder');
  vendor.connect(`sc-${plan.eventId}`);
  await reaches(plan.eventId, 'live');
  return plan.eventId;
}
/** Nothing is asked meanwhile: the time may be days. */
const passes = (instant: number) => new Promise((resolve) => setTimeout(resolve, instant - Date.now()));
const reaches = (eventId: string, phase: string) =>
  until(async () => (await showcaller.status(eventId).catch(() => undefined))?.phase === phase);
const startRaw = ({ eventId, ...plan }: ReturnType<typeof planOf>) =>
  env.client.workflow.start('liveEvent', {
    workflowId: `live-event/${eventId}`,
    taskQueue: env.taskQueue,
    args: [plan],
  });
const end = async (eventId: string) => {
  await showcaller.stopNow(eventId, by);
  return showcaller.result(eventId);
};
const warned = ({ warnings = [] }: EventStatus, name: string) =>
  warnings.filter(({ warning }) => warning === name).map(({ at }) => at);
const refusal = (plan: Plan) =>
  showcaller.start(plan).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a budget of a tenant that refuses', () => {
  it('refuses the event that would go beyond it with the figures, and starts nothing', async () => {
    const tenant = tenantWith({ minutes: 60, onLimit: 'refuse' });
    await showcaller.start(planOf(tenant, 40));
    const second = planOf(tenant, 30);
    const refused = await refusal(second);
    expect(refused).toBeInstanceOf(OverBudgetError);
    const figures = { tenant, month: monthOf(Date.now()), unit: 'minutes', limit: 60, committed: 40, wanted: 30 };
    expect((refused as OverBudgetError).shortages).toEqual([figures]);
    expect((refused as Error).message).toContain('40 min of 60 min are used or planned, 20 min are left');
    await expect(showcaller.status(second.eventId)).rejects.toThrow('there is no event');
    await showcaller.start(planOf(tenant, 20));
    // Another tenant has its own.
    await showcaller.start(planOf(tenantWith({ minutes: 60, onLimit: 'refuse' }), 60));
  });

  it('has room for two of fifty that ask at the same moment: one alone, and one of those that are decided together', async () => {
    const tenant = tenantWith({ minutes: 100, onLimit: 'refuse' });
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => showcaller.start(planOf(tenant, 40))));
    const lost = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(lost).toHaveLength(48);
    for (const reason of lost) expect(reason).toBeInstanceOf(OverBudgetError);
  });

  it('gives what a show did not use to the next one', async () => {
    const tenant = tenantWith({ minutes: 60, onLimit: 'refuse' });
    const first = await live(planOf(tenant, 50));
    expect(await refusal(planOf(tenant, 20))).toBeInstanceOf(OverBudgetError);
    const { windows } = await end(first);
    const used = totalMs(windows) / minute;
    expect(await refusal(planOf(tenant, Math.ceil(61 - used)))).toBeInstanceOf(OverBudgetError);
    await showcaller.start(planOf(tenant, 55));
  });

  it('refuses an extension beyond it, and allows one within', async () => {
    const tenant = tenantWith({ minutes: 60, onLimit: 'refuse' });
    const eventId = await live(planOf(tenant, 50));
    const { startsAt } = await showcaller.status(eventId);
    const extend = (minutes: number) =>
      showcaller.extend(eventId, { ...by, endsAt: new Date(startsAt + minutes * minute).toISOString() });
    await expect(extend(61)).rejects.toThrow(RefusedError);
    await expect(extend(61)).rejects.toThrow(`the budget of tenant ${tenant}`);
    await extend(60);
    await end(eventId);
  });

  it('fails a run that no client asked for, before anything is made', async () => {
    const tenant = tenantWith({ minutes: 60, onLimit: 'refuse' });
    const plan = planOf(tenant, 61);
    await expect((await startRaw(plan)).result()).rejects.toThrow();
    const report = await showcaller.status(plan.eventId);
    expect(report).toMatchObject({ endReason: 'over-budget', phase: 'failed', released: true });
    expect(report.endDetail).toContain('the event needs 61 min');
    expect(report.entered.allocating).toBeUndefined();
  });

  it('counts the legs that begin with an event together, for a client and for a run of its own', async () => {
    const tenant = tenantWith({ minutes: 60, onLimit: 'refuse' });
    const leg = (name: string, more = {}) => ({ name, vendor: 'alibaba-oss', ...more });
    const legs = [leg('main'), leg('backup')];
    const { vendor: _, ...two } = planOf(tenant, 40, { legs });
    expect(await refusal(two)).toBeInstanceOf(OverBudgetError);
    await expect((await startRaw(two as never)).result()).rejects.toThrow();
    const report = await showcaller.status(two.eventId);
    expect(report).toMatchObject({ endReason: 'over-budget', phase: 'failed' });
    expect(report.endDetail).toContain('the event needs 80 min');
    const cold = [leg('main'), leg('backup', { start: 'on-failure' })];
    const { vendor: __, ...one } = planOf(tenant, 40, { legs: cold });
    await showcaller.start(one);
    expect(await refusal(planOf(tenant, 21))).toBeInstanceOf(OverBudgetError);
  });

  it('counts each month on its own: a show over midnight has a part in both', async () => {
    const tenant = tenantWith({ minutes: 60, onLimit: 'refuse' });
    const { to } = spanOfMonth(monthOf(Date.now() + 2 * 3_600_000));
    const at = (minutes: number) => new Date(to + minutes * minute).toISOString();
    await showcaller.start(planOf(tenant, 80, { startsAt: at(-50) }));
    await showcaller.start(planOf(tenant, 10, { startsAt: at(-12) }));
    const refused = await refusal(planOf(tenant, 31, { startsAt: at(0) }));
    expect((refused as OverBudgetError).shortages).toMatchObject([{ month: monthOf(to), committed: 30, wanted: 31 }]);
    expect(await refusal(planOf(tenant, 1, { startsAt: at(-2) }))).toBeInstanceOf(OverBudgetError);
    await showcaller.start(planOf(tenant, 30, { startsAt: at(0) }));
  });

  it('frees what an event was to use that was terminated before it began', async () => {
    const tenant = tenantWith({ minutes: 60, onLimit: 'refuse' });
    const plan = planOf(tenant, 50, { startsAt: new Date(Date.now() + 30 * minute).toISOString() });
    await showcaller.start(plan);
    await until(async () => (await showcaller.status(plan.eventId)).entered.scheduled !== undefined);
    await env.client.workflow.getHandle(`live-event/${plan.eventId}`).terminate();
    await showcaller.start(planOf(tenant, 50));
  });

  it('counts what a terminated run used and still uses', async () => {
    const tenant = tenantWith({ minutes: 60, onLimit: 'refuse' });
    const eventId = await live(planOf(tenant, 50));
    await passes(Date.now() + 20 * minute);
    await env.client.workflow.getHandle(`live-event/${eventId}`).terminate();
    const refused = await refusal(planOf(tenant, 45));
    const [shortage] = (refused as OverBudgetError).shortages;
    expect(shortage?.committed).toBeGreaterThan(19.9);
    expect(shortage?.committed).toBeLessThan(21);
  });
});

describe('a budget of a tenant that is used', () => {
  it('warns the running shows at 80 % and at 100 %, once each, and they go on', async () => {
    const tenant = tenantWith({ minutes: 20, onLimit: 'warn' });
    const [first, second] = [await live(planOf(tenant, 25)), await live(planOf(tenant, 25))];
    const reports = [await showcaller.result(first), await showcaller.result(second)];
    for (const report of reports) {
      expect(report.endReason).toBe('reached-end');
      for (const [name, share] of [
        ['budget-near', 0.8],
        ['budget-spent', 1],
      ] as const) {
        const [at = 0, ...more] = warned(report, name);
        expect(more).toEqual([]);
        const used = (usedBy(reports, at) - share * 20 * minute) / 2;
        expect(used).toBeGreaterThan(-1_000);
        expect(used).toBeLessThan(oneLookMs);
      }
    }
  });

  it('ends the running shows where that is configured, never later than the limit by more than one look', async () => {
    const tenant = tenantWith({ minutes: 20, onLimit: 'stop' });
    const first = await live(planOf(tenant, 60));
    await passes(Date.now() + 10 * minute);
    const second = await live(planOf(tenant, 60));
    const reports = [await showcaller.result(first), await showcaller.result(second)];
    for (const report of reports) {
      expect(report).toMatchObject({ endReason: 'budget-spent', phase: 'completed', released: true });
      expect(report.vod.map(({ proof }) => proof.proved)).toEqual([true]);
      expect(report.endDetail).toContain(`of tenant ${tenant}`);
    }
    const over = usedBy(reports, Number.POSITIVE_INFINITY) - 20 * minute;
    expect(over).toBeGreaterThan(-2_000);
    expect(over).toBeLessThan(2 * oneLookMs);
    // Nothing is left: the next one is refused.
    expect(await refusal(planOf(tenant, 1))).toBeInstanceOf(OverBudgetError);
  });

  it('ends the legs of an event, and leaves a show that has not begun', async () => {
    const tenant = tenantWith({ minutes: 10, onLimit: 'stop' });
    const waiting = planOf(tenant, 5, { startsAt: new Date(Date.now() + 5 * 60 * minute).toISOString() });
    await showcaller.start(waiting);
    const legs = ['main', 'backup'].map((name) => ({ name, vendor: 'alibaba-oss' }));
    const { vendor: _, ...plan } = planOf(tenant, 60, { legs });
    await showcaller.start(plan);
    await reaches(plan.eventId, 'waiting-for-encoder');
    const channels = await until(async () => {
      const { legs = [] } = await showcaller.status(plan.eventId);
      const names = legs.flatMap(({ status }) => (status?.output && status.channel ? [status.channel.ref.name] : []));
      return names.length === 2 && names;
    });
    for (const name of channels) vendor.connect(name);
    const report = await showcaller.result(plan.eventId);
    expect(report).toMatchObject({ endReason: 'budget-spent', released: true });
    expect(await showcaller.status(waiting.eventId)).toMatchObject({ phase: 'scheduled' });
    await showcaller.cancel(waiting.eventId);
  });

  it('begins a month with nothing used', async () => {
    const tenant = tenantWith({ minutes: 20, onLimit: 'stop' });
    const { to } = spanOfMonth(monthOf(Date.now() + 3_600_000));
    const plan = planOf(tenant, 30, { startsAt: new Date(to - 15 * minute).toISOString() });
    await showcaller.start(plan);
    await passes(to - 15 * minute);
    await reaches(plan.eventId, 'waiting-for-encoder');
    vendor.connect(`sc-${plan.eventId}`);
    const report = await showcaller.result(plan.eventId);
    expect(report.endReason).toBe('reached-end');
    expect(warned(report, 'budget-near')).toEqual([]);
  });

  it('asks for nothing more where the tenant has none', async () => {
    const plan = planFor({ tenant: 'without-budget' });
    await showcaller.start(plan);
    await reaches(plan.eventId, 'waiting-for-encoder');
    const { events } = await env.client.workflow.getHandle(`live-event/${plan.eventId}`).fetchHistory();
    const types = events?.flatMap((one) => one.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
    expect(types).not.toContain('bookUses');
  });
});

/** How long the encoders sent up to an instant. */
const usedBy = (reports: readonly EventStatus[], at: number): number =>
  reports
    .flatMap(({ windows }) => windows)
    .reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, at) - from), 0);
