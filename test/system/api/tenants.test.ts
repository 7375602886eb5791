import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricsRoutes } from '../../../api/routes/metrics.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { vendors } from '../../../vendors/registry.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

const { vendor, activities } = fakeVendor();
let api: ApiHarness;
let schedules: ShowcallerSchedules;

beforeAll(async () => {
  api = await apiHarness(activities, { ingest: (channel) => vendor.driver('default').ingest(channel) });
  schedules = new ShowcallerSchedules(api.environment.client, { taskQueue: api.environment.taskQueue });
});
afterAll(() => api?.close());

const later = (overrides = {}) =>
  planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {}, ...overrides });
const create = (plan: unknown, token: string, headers = {}) => api.ask('/v1/events', { token, body: plan, headers });
const see = (eventId: string, token: string, query = '') => api.ask(`/v1/events/${eventId}${query}`, { token });
const weekly = (overrides = {}) => ({
  scheduleId: `s-${randomUUID().slice(0, 8)}`,
  plan: { vendor: 'aws-ivs', duration: '30m', title: 'Weekly' },
  spec: { cron: '0 20 * * sun', timeZone: 'Europe/Berlin' },
  overlap: 'skip',
  ...overrides,
});

describe('the names of a tenant', () => {
  it('are its own: two tenants and no tenant have an event of one id at once', async () => {
    const plan = later();
    const answers = await Promise.all(['operator@acme', 'admin@bolt', 'operator'].map((token) => create(plan, token)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(Array(3).fill(`/v1/events/${plan.eventId}`));
    const tenants = await Promise.all(
      ['viewer@acme', 'admin@bolt', 'viewer'].map(async (token) =>
        until(async () => {
          const { body } = await see(plan.eventId, token);
          return body.plan ? [body.tenant, (body.plan as { eventId: string }).eventId] : undefined;
        }),
      ),
    );
    expect(tenants).toEqual([
      [api.tenant, plan.eventId],
      [api.otherTenant, plan.eventId],
      [undefined, plan.eventId],
    ]);
    const cancel = { token: 'operator@acme', body: { reason: 'mine' } };
    expect((await api.ask(`/v1/events/${plan.eventId}/actions/cancel`, cancel)).status).toBe(200);
    await until(async () => (await see(plan.eventId, 'viewer@acme')).body.phase === 'cancelled');
    expect((await see(plan.eventId, 'admin@bolt')).body.phase).toBe('scheduled');
    expect((await see(plan.eventId, 'viewer')).body.phase).toBe('scheduled');
    const again = await create(plan, 'admin@bolt');
    expect([again.status, again.body.found]).toEqual([200, 'RUNNING']);
  });

  it('cannot be taken before it by a key that another tenant can work out', async () => {
    const { eventId: _, ...plan } = later();
    const headers = { 'idempotency-key': randomUUID() };
    const own = await create(plan, 'operator@acme', headers);
    const stolen = await create({ ...later(), eventId: own.body.eventId }, 'admin@bolt');
    expect([own.status, stolen.status]).toEqual([201, 201]);
    expect((await create(plan, 'operator@acme', headers)).body).toMatchObject({ eventId: own.body.eventId });
    const others = await create(plan, 'admin@bolt', headers);
    expect(others.body.eventId).not.toBe(own.body.eventId);
  });

  it('name channels that are its own', async () => {
    const plan = planFor({ duration: '1h' });
    await Promise.all(['operator@acme', 'admin@bolt'].map((token) => create(plan, token)));
    const channels = await Promise.all(
      ['viewer@acme', 'admin@bolt'].map((token) =>
        until(async () => {
          const { body } = await see(plan.eventId, token);
          return (body.channel as { ref: { name: string; workflowId: string } } | undefined)?.ref;
        }),
      ),
    );
    expect(channels.map((ref) => ref.workflowId)).toEqual([
      `live-event/${api.tenant}/${plan.eventId}`,
      `live-event/${api.otherTenant}/${plan.eventId}`,
    ]);
    expect(new Set(channels.map(({ name }) => name)).size).toBe(2);
    for (const token of ['operator@acme', 'admin@bolt'])
      await api.ask(`/v1/events/${plan.eventId}/actions/cancel`, { token, body: { reason: 'enough' } });
  });

  it('are shown to callers of all tenants with the tenant', async () => {
    const plan = later();
    await create(plan, 'operator@acme');
    expect((await see(plan.eventId, 'viewer')).status).toBe(404);
    const found = await see(plan.eventId, 'viewer', `?tenant=${api.tenant}`);
    expect(found.body).toMatchObject({ eventId: plan.eventId });
    const byKey = await api.environment.showcaller.status(`${api.tenant}/${plan.eventId}`);
    expect(byKey.eventId).toBe(plan.eventId);
    const listed = () => api.ask(`/v1/events?tenant=${api.tenant}`, { token: 'viewer' });
    await until(async () =>
      ((await listed()).body.events as { eventId: string; tenant: string }[]).some(
        ({ eventId, tenant }) => eventId === plan.eventId && tenant === api.tenant,
      ),
    );
    const made = later();
    const answer = await api.ask(`/v1/events?tenant=${api.tenant}`, { token: 'operator', body: made });
    expect(answer.headers.get('location')).toBe(`/v1/events/${made.eventId}?tenant=${api.tenant}`);
    expect((await see(made.eventId, 'viewer@acme')).status).toBe(200);
    expect((await see(made.eventId, 'viewer@acme', `?tenant=${api.otherTenant}`)).status).toBe(403);
  });

  it('leave the events alone that have been under plain names, and those that all tenants’ operators make', async () => {
    const plan = later({ tenant: api.tenant });
    expect((await create(plan, 'operator')).headers.get('location')).toBe(`/v1/events/${plan.eventId}`);
    const { client } = api.environment;
    const { status } = await client.workflow.getHandle(`live-event/${plan.eventId}`).describe();
    expect(status.name).toBe('RUNNING');
    for (const token of ['viewer', 'viewer@acme']) expect((await see(plan.eventId, token)).status).toBe(200);
    expect((await see(plan.eventId, 'admin@bolt')).status).toBe(404);
    const again = await create(plan, 'operator@acme');
    expect([again.status, again.body.found]).toEqual([200, 'RUNNING']);
    expect((await create(later({ ...plan, duration: '2h' }), 'operator@acme')).status).toBe(409);
    expect((await create(plan, 'admin@bolt')).status).toBe(422);
    const { tenant: _, ...untold } = plan;
    expect((await create(untold, 'admin@bolt')).status).toBe(201);
  });

  it('have room beside it, and a plan says how much', async () => {
    const answer = await create(later({ eventId: 'e'.repeat(100) }), 'operator@acme');
    expect(answer.status).toBe(422);
    const room = 100 - api.tenant.length - 1;
    expect(answer.body.problems).toEqual([
      expect.objectContaining({ path: 'eventId', message: expect.stringContaining(`there is room for ${room}`) }),
    ]);
    expect((await create(later({ eventId: 'e'.repeat(100) }), 'operator')).status).toBe(201);
    await api.environment.showcaller.cancel('e'.repeat(100));
  });
});

describe('the schedules of a tenant', () => {
  const make = (body: unknown, token: string) => api.ask('/v1/schedules', { token, body });
  const ids = async (token: string, query = '') => {
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const { status, body } = await api.ask(`/v1/schedules?limit=2${query}${cursor}`, { token });
      expect(status).toBe(200);
      found.push(...(body.schedules as { scheduleId: string }[]).map(({ scheduleId }) => scheduleId));
      if (body.cursor === undefined) return found;
      cursor = `&cursor=${body.cursor}`;
    }
  };

  it('are its own, in pages, and so are the events that they begin', async () => {
    const input = weekly();
    const tokens = ['admin@acme', 'admin@bolt', 'admin'];
    const answers = await Promise.all(tokens.map((token) => make(input, token)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect((await make(input, 'admin@acme')).status).toBe(409);
    // Made by a version before name spaces, or by an operator of all tenants.
    const plain = weekly({ plan: { ...weekly().plan, tenant: api.tenant } });
    const foreign = weekly({ plan: { ...weekly().plan, tenant: api.otherTenant } });
    for (const one of [plain, foreign]) expect((await make(one, 'admin')).status).toBe(201);
    expect((await make({ ...plain, plan: weekly().plan }, 'admin@acme')).status).toBe(409);
    const expected = [input.scheduleId, plain.scheduleId].sort();
    await until(async () => (await ids('viewer@acme')).length === 2);
    expect((await ids('viewer@acme')).sort()).toEqual(expected);
    expect((await ids('viewer', `&tenant=${api.tenant}`)).sort()).toEqual(expected);
    expect((await ids('admin@bolt')).sort()).toEqual([input.scheduleId, foreign.scheduleId].sort());
    const at = `/v1/schedules/${plain.scheduleId}`;
    const anew = { ...plain, plan: { ...weekly().plan, title: 'Moved' } };
    const updated = await api.ask(at, { method: 'PUT', token: 'admin@acme', body: anew });
    expect(updated.body).toMatchObject({ title: 'Moved', plan: { tenant: api.tenant } });
    expect((await schedules.describe(plain.scheduleId)).key).toBe(plain.scheduleId);
    const begun = await api.ask(`/v1/schedules/${input.scheduleId}/actions/trigger`, {
      token: 'operator@acme',
      body: { reason: 'now' },
    });
    expect(begun.body.outcome).toBe('started');
    const eventId = String(begun.body.eventId);
    await until(async () => (await see(eventId, 'viewer@acme')).body.tenant === api.tenant);
    expect((await see(eventId, 'admin@bolt')).status).toBe(404);
    expect((await see(eventId, 'viewer')).status).toBe(404);
    await api.ask(`/v1/events/${eventId}/actions/cancel`, { token: 'operator@acme', body: { reason: 'enough' } });
    for (const [id, token] of [
      ...tokens.map((token) => [input.scheduleId, token] as const),
      [plain.scheduleId, 'admin@acme'] as const,
      [foreign.scheduleId, 'admin@bolt'] as const,
    ]) {
      const gone = await api.ask(`/v1/schedules/${id}`, { method: 'DELETE', token });
      expect(`${id} ${gone.status}`).toBe(`${id} 204`);
    }
  });

  it('cannot be the one that sweeps', async () => {
    const sweep = await make(weekly({ scheduleId: 'showcaller-sweep' }), 'admin');
    expect(sweep.body).toMatchObject({ status: 422, problems: [{ path: 'scheduleId' }] });
  });
});

describe('an encoder', () => {
  it('gets the ingest endpoints only while the event runs', async () => {
    const plan = planFor({ duration: '1h' });
    await create(plan, 'operator@acme');
    await until(async () => (await see(plan.eventId, 'viewer@acme')).body.phase === 'waiting-for-encoder');
    const ingest = () => api.ask(`/v1/events/${plan.eventId}/ingest`, { token: 'ingest@acme' });
    expect((await ingest()).status).toBe(200);
    await api.ask(`/v1/events/${plan.eventId}/actions/cancel`, { token: 'operator@acme', body: { reason: 'enough' } });
    await until(async () => (await see(plan.eventId, 'viewer@acme')).body.phase === 'cancelled');
    const over = await ingest();
    expect(over.status).toBe(409);
    expect(over.text).not.toContain('rtmp');
  });
});

describe('the metrics', () => {
  it('show a tenant its own events and schedules, and of nothing else', async () => {
    const { showcaller } = api.environment;
    let now = 0;
    const names = vendors.map(({ name }) => name);
    const metrics = metricsRoutes({ client: showcaller, schedules, vendors: names, now: () => now });
    const other = await apiHarness(undefined, { client: showcaller, schedules, metrics });
    const scheduledAs = async (token: string) => {
      now += 60_000;
      const { text } = await other.ask('/metrics', { token });
      const samples = [...text.matchAll(/^showcaller_events\{.*phase="scheduled"\} (\d+)$/gm)];
      return { text, events: samples.reduce((sum, [, count]) => sum + Number(count), 0) };
    };
    await showcaller.forTenant(other.tenant).start(later());
    await until(async () => (await scheduledAs('viewer@acme')).events === 1);
    expect((await scheduledAs('admin@bolt')).events).toBe(0);
    expect((await scheduledAs('viewer')).events).toBeGreaterThan(1);
    expect((await scheduledAs('viewer@acme')).text).not.toMatch(/process_|showcaller_workers|api_request/);
    expect((await scheduledAs('viewer')).text).toMatch(/process_/);
    await other.close();
  });
});
