import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import { ShowcallerClient } from '../../../client/client.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { defaultBookingRules } from '../../../domain/booking/request.ts';
import type { Plan } from '../../../domain/plan.ts';
import type { TenantBudget } from '../../../domain/usage/tenant-budget.ts';
import { budgetsPort } from '../../../worker/budgets.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { showcaller as command } from '../../support/processes.ts';
import { scratchDir } from '../../support/scratch.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type RunningApi, runningApi } from './api-harness.ts';

const tenantBudget: TenantBudget = { minutes: 60, onLimit: 'refuse' };
const warnedStudio = 'studio-warned';
let env: TestEnvironment;
let api: RunningApi;

beforeAll(async () => {
  env = await testEnvironment();
  const { client, taskQueue } = env;
  const budgetOf = (tenant: string) => (tenant === api.tenant || tenant === api.otherTenant ? tenantBudget : undefined);
  await env.work(
    activitiesOn(new FakeVendor(), {
      bookings: new Bookings(client, { taskQueue }),
      budgets: budgetsPort(client, { taskQueue, budgetOf }),
      bookingRules: (vendor) => (vendor === 'aws-ivs' ? { onConflict: 'warn' } : defaultBookingRules),
    }),
  );
  api = await runningApi({
    client: new ShowcallerClient(client, { taskQueue, countsBudget: (tenant) => budgetOf(tenant) !== undefined }),
    schedules: new ShowcallerSchedules(client, { taskQueue }),
  });
});
afterAll(async () => {
  await api?.close();
  await env?.close();
});

const later = (minutes: number, overrides: Partial<Plan> = {}) =>
  planFor({ startsAt: '2031-01-01T18:00:00Z', duration: `${minutes}m`, waits: {}, ...overrides });
const create = (plan: unknown, token = 'operator@acme') => api.ask('/v1/events', { token, body: plan });
async function start(plan: Plan & { eventId: string }, via: 'Temporal' | 'the API') {
  const input = JSON.stringify(plan);
  if (via === 'the API') {
    const token = api.token('operator@acme');
    return command(['start', '-'], { input, env: { SHOWCALLER_API: api.url, SHOWCALLER_API_TOKEN: token } });
  }
  const config = join(await scratchDir(), 'showcaller.json');
  await writeFile(config, JSON.stringify({ tenants: { [api.tenant]: { budget: tenantBudget } } }));
  const { address, namespace, taskQueue } = env;
  const flags = ['--address', address, '--namespace', namespace, '--task-queue', taskQueue];
  return command(['start', '-', ...flags], { input, env: { SHOWCALLER_CONFIG: config } });
}

it('refuses a plan that is over the budget of its tenant with the figures: the API, and the command on both ways', async () => {
  expect((await create(later(40))).status).toBe(201);
  const plan = later(30);
  const { status, body } = await create(plan);
  expect(status).toBe(409);
  expect(body).toMatchObject({
    type: 'urn:showcaller:problem:over-budget',
    budgets: [{ tenant: api.tenant, month: '2031-01', unit: 'minutes', limit: 60, committed: 40, wanted: 30 }],
  });
  expect((await api.ask(`/v1/events/${plan.eventId}`, { token: 'viewer@acme' })).status).toBe(404);
  const why = '40 min of 60 min are used or planned, 20 min are left, the event needs 30 min';
  for (const via of ['Temporal', 'the API'] as const) {
    const refused = await start({ ...later(30), tenant: api.tenant }, via);
    expect({ via, code: refused.code, stdout: refused.stdout }).toEqual({ via, code: 1, stdout: '' });
    expect(refused.stderr).toContain('is over the budget of its tenant; nothing was started');
    expect(refused.stderr).toContain(`the budget of tenant ${api.tenant} for 2031-01 (UTC): ${why}`);
  }
});

it('refuses to move an event into a month whose budget is planned', async () => {
  const full = later(60, { startsAt: '2031-03-10T18:00:00Z' });
  const moved = later(20, { startsAt: '2031-04-10T18:00:00Z' });
  for (const plan of [full, moved]) expect((await create(plan)).status).toBe(201);
  const isPlanned = async () =>
    (await env.showcaller.forTenant(api.tenant).status(moved.eventId)).phase === 'scheduled';
  await until(() => isPlanned().catch(() => false));
  const path = `/v1/events/${moved.eventId}/actions/reschedule`;
  const move = (day: string) => ({
    token: 'operator@acme',
    body: { reason: 'the hall is taken', startsAt: `${day}T18:00:00Z`, endsAt: `${day}T18:20:00Z` },
  });
  const refused = await api.ask(path, move('2031-03-20'));
  expect(refused.status).toBe(409);
  expect(refused.body.detail).toContain(`the budget of tenant ${api.tenant} for 2031-03 (UTC): 60 min of 60 min`);
  expect((await api.ask(path, move('2031-05-20'))).status).toBe(200);
});

it('ends the show of a schedule that the budget has no room for, before anything is made', async () => {
  const scheduleId = `s-${randomUUID().slice(0, 8)}`;
  const schedule = {
    scheduleId,
    overlap: 'skip',
    spec: { timeZone: 'UTC', cron: '0 12 * * *' },
    // More than the budget in one month, also where the show begins in the last hour of another.
    plan: { vendor: 'alibaba-oss', duration: '130m', warmUp: '1s', startLead: '1s' },
  };
  expect((await api.ask('/v1/schedules', { token: 'admin@bolt', body: schedule })).status).toBe(201);
  const triggered = await api.ask(`/v1/schedules/${scheduleId}/actions/trigger`, {
    token: 'admin@bolt',
    body: { reason: 'now' },
  });
  const { eventId } = triggered.body as { eventId: string };
  await env.showcaller.forTenant(api.otherTenant).result(eventId);
  const { body } = await api.ask(`/v1/events/${eventId}`, { token: 'admin@bolt' });
  expect(body).toMatchObject({ phase: 'failed', endReason: 'over-budget', released: true });
  expect(body.endDetail).toMatch(/60 min are left, the event needs [\d.]+ min/);
  expect(Object.keys(body.entered as object)).not.toContain('allocating');
  expect((await api.ask(`/v1/schedules/${scheduleId}`, { token: 'admin@bolt', method: 'DELETE' })).status).toBe(204);
});

it('only warns of what is held where the configuration says so, and the command prints the warning', async () => {
  const plans = [1, 2].map(() =>
    planFor({ vendor: 'aws-ivs', startsAt: '2032-01-01T18:00:00Z', uses: [warnedStudio] }),
  );
  const [first, second] = plans;
  if (!first || !second) throw new Error('two plans');
  expect((await start(first, 'Temporal')).stdout).toBe(`started ${first.eventId}\n`);
  const { code, stdout } = await start(second, 'Temporal');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `started ${second.eventId}\n  warning: booked in spite of a conflict: ${warnedStudio} is held by the event ${first.eventId} from 2032-01-01T18:00:00Z to 2032-01-01T18:00:06Z\n`,
  });
});
