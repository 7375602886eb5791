import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

const { vendor, activities } = fakeVendor();
let api: ApiHarness;

beforeAll(async () => {
  api = await apiHarness(activities, { ingest: (channel) => vendor.driver('default').ingest(channel) });
});
afterAll(() => api?.close());

const later = (overrides = {}) =>
  planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {}, ...overrides });
const create = (plan: unknown, token = 'operator') => api.ask('/v1/events', { token, body: plan });

async function made(overrides = {}): Promise<string> {
  const plan = later(overrides);
  expect((await create(plan)).status).toBe(201);
  return plan.eventId;
}
const listed = (query: string, token = 'viewer') => api.ask(`/v1/events?${query}`, { token });

describe('creating an event', () => {
  it('starts it, and says where it is', async () => {
    const plan = later();
    const answer = await create(plan);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/events/${plan.eventId}`);
    expect(answer.body).toEqual({ eventId: plan.eventId, started: true });
    const status = await api.ask(`/v1/events/${plan.eventId}`, { token: 'viewer' });
    expect(status.body).toMatchObject({ eventId: plan.eventId, phase: 'scheduled' });
  });

  it('makes one event of twenty requests at once', async () => {
    const plan = later();
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(plan)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
    expect(answers.filter(({ body }) => body.started)).toHaveLength(1);
  });

  it('finds the same plan said in other words', async () => {
    const plan = later({ duration: '60m' });
    expect((await create(plan)).status).toBe(201);
    const { duration: _, ...rest } = plan;
    const again = await create({ ...rest, endsAt: '2031-01-01T20:00:00+01:00', account: 'default' });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ started: false, found: 'RUNNING' });
  });

  it('refuses another plan under the id of an event that runs', async () => {
    const plan = later();
    await create(plan);
    const answer = await create({ ...plan, duration: '2h' });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ type: 'urn:showcaller:problem:another-plan', instance: '/v1/events' });
  });

  it('takes an idempotency key for the name of an event that has none', async () => {
    const { eventId: _, ...plan } = later();
    const headers = { 'idempotency-key': randomUUID() };
    const [first, second, other] = await Promise.all([
      api.ask('/v1/events', { token: 'operator', body: plan, headers }),
      api.ask('/v1/events', { token: 'operator', body: plan, headers }),
      api.ask('/v1/events', { token: 'admin', body: plan, headers }),
    ]);
    expect(first.body.eventId).toBe(second.body.eventId);
    expect(other.body.eventId).not.toBe(first.body.eventId);
    expect([first.status, second.status].sort()).toEqual([200, 201]);
  });

  it('reports everything that is wrong with a plan at once', async () => {
    const answer = await create({ eventId: 'a b', vendor: 'nobody', tittle: 'x', warmUp: 'soon' });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const paths = (answer.body.problems as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['eventId', 'vendor', 'tittle', 'warmUp']));
  });

  it.each([
    ['a list', [], 422, /plan/],
    ['a text', '"plan"', 422, /plan/],
    ['null', 'null', 422, /plan/],
    ['no JSON', '{', 400, /^the body is not valid JSON/],
    ['nothing', '', 400, /^the body is empty: send a JSON object$/],
    ['too much', { vendor: 'x'.repeat(70_000) }, 413, /^the body is too large: it may have 64 KiB/],
  ])('refuses %s', async (_what, body, status, why) => {
    const answer = await create(body);
    expect(answer.status).toBe(status);
    const type = expect.stringMatching(/^urn:showcaller:problem:/);
    expect(answer.body).toMatchObject({ status, type, detail: expect.stringMatching(why) });
  });

  it('refuses what is not JSON by its type', async () => {
    const headers = { 'content-type': 'text/plain' };
    const { status, body } = await api.ask('/v1/events', { token: 'operator', body: '{}', headers });
    expect({ status, detail: body.detail }).toEqual({
      status: 415,
      detail: 'the body must be JSON, sent with `content-type: application/json`',
    });
  });
});

describe('the list of events', () => {
  it('is filtered by what it is asked for', async () => {
    const tenant = `O'Brien ${randomUUID()} % ' or '1'='1`;
    const eventId = await made({ tenant });
    await made();
    const query = new URLSearchParams({ tenant, phase: 'scheduled', vendor: 'alibaba-oss', running: 'true' });
    const found = await until(async () => {
      const { body } = await listed(String(query));
      return (body.events as { eventId: string }[]).length > 0 && body.events;
    });
    expect(found).toEqual([expect.objectContaining({ eventId, tenant, startsAt: '2031-01-01T18:00:00.000Z' })]);
    expect((await listed(`${query}&account=poller-test`)).body.events).toEqual([]);
  });

  it('comes in pages', async () => {
    const tenant = randomUUID();
    const eventIds = [await made({ tenant }), await made({ tenant }), await made({ tenant })];
    await until(async () => ((await listed(`tenant=${tenant}`)).body.events as unknown[]).length === 3);
    const first = await listed(`tenant=${tenant}&limit=2`);
    const second = await listed(`tenant=${tenant}&limit=2&cursor=${first.body.cursor}`);
    const seen = [first, second].flatMap(({ body }) => (body.events as { eventId: string }[]).map((e) => e.eventId));
    expect(seen.sort()).toEqual(eventIds.sort());
    expect(second.body.cursor).toBeUndefined();
  });

  it.each([
    "phase=live' OR 1=1",
    'vendor=x%27',
    'tenant=x%5C',
    'limit=0',
    'limit=many',
    'cursor=a.b',
    'cursor=abc',
    'who=me',
  ])('refuses %s', async (query) => {
    const answer = await listed(query);
    expect(answer.status).toBe(400);
    expect(answer.body.type).toBe('urn:showcaller:problem:invalid-request');
  });
});

describe('an event', () => {
  it('is shown from its channel to its end, and can be directed on the way', async () => {
    const plan = planFor({ duration: '30s' });
    await create(plan);
    const at = `/v1/events/${plan.eventId}`;
    const phaseIs = (phase: string) => until(async () => (await api.ask(at, { token: 'viewer' })).body.phase === phase);
    await phaseIs('waiting-for-encoder');
    const ingest = await api.ask(`${at}/ingest`, { token: 'ingest' });
    expect(ingest.headers.get('cache-control')).toBe('no-store');
    const { entered, endsAt } = await api.environment.showcaller.status(plan.eventId);
    const open = { opensAt: entered['waiting-for-encoder'], closesAt: endsAt };
    expect(ingest.body.endpoints).toEqual([expect.objectContaining({ protocol: 'rtmp', streamKey: 'k', ...open })]);
    await until(async () => ((await api.ask(`${at}/pending`, { token: 'viewer' })).body.steps as unknown[]).length > 0);
    vendor.connect(`sc-${plan.eventId}`);
    await phaseIs('live');
    const body = { reason: 'enough', onBehalfOf: 'the director' };
    expect((await api.ask(`${at}/actions/stop`, { token: 'operator', body })).body.accepted).toBe(true);
    await phaseIs('completed');
    const { body: report } = await api.ask(at, { token: 'viewer' });
    expect(report).toMatchObject({ endReason: 'stopped-by-operator', released: true });
    const by = 'operator on behalf of the director';
    expect(report.audit).toEqual([expect.objectContaining({ action: 'stopNow', by, reason: 'enough' })]);
    const extend = async (endsAt: string) =>
      (await api.ask(`${at}/actions/extend`, { token: 'operator', body: { reason: 'more', endsAt } })).status;
    expect([await extend('2100-01-01T00:00:00Z'), await extend('x')]).toEqual([409, 422]);
  });

  it.each(['skip-wait', 'reset', 'abandon-cleanup', 'retry-vod'])('refuses %s before it has begun', async (action) => {
    const eventId = await made();
    const body = { reason: 'why not' };
    const answer = await api.ask(`/v1/events/${eventId}/actions/${action}`, { token: 'admin', body });
    expect(answer.status).toBe(409);
    expect(answer.body.type).toBe('urn:showcaller:problem:refused');
  });

  it('answers release, the former name of abandon-cleanup, and names the route of today', async () => {
    const at = `/v1/events/${await made()}/actions`;
    const answer = await api.ask(`${at}/release`, { token: 'admin', body: { reason: 'why not' } });
    expect(answer.status).toBe(409);
    expect(answer.headers.get('link')).toBe(`<${at}/abandon-cleanup>; rel="successor-version"`);
    expect(answer.headers.get('warning')).toContain('abandon-cleanup');
  });

  it('is moved and cancelled', async () => {
    const at = `/v1/events/${await made()}`;
    await until(async () => (await api.ask(at, { token: 'viewer' })).body.plan);
    const times = { startsAt: '2031-02-01T18:00:00Z', endsAt: '2031-02-01T19:00:00Z' };
    const moved = await api.ask(`${at}/actions/reschedule`, { token: 'operator', body: { reason: 'rain', ...times } });
    expect(moved.body.accepted).toBe(true);
    const cancel = () => api.ask(`${at}/actions/cancel`, { token: 'operator', body: { reason: 'storm' } });
    expect((await cancel()).status).toBe(200);
    await until(async () => (await api.ask(at, { token: 'viewer' })).body.endReason === 'cancelled');
    expect((await cancel()).status).toBe(409);
  });

  it.each([
    [{}, ['reason']],
    [{ reason: ' ', by: 'me' }, ['reason', 'by']],
    [{ reason: 'why\u001b[2J' }, ['reason']],
    [{ reason: 'why\nnot', onBehalfOf: 'a\rb' }, ['reason', 'onBehalfOf']],
    [{ reason: 'x'.repeat(501), keepRecording: 'yes' }, ['reason', 'keepRecording']],
  ])('refuses to be stopped by %j', async (body, paths) => {
    const answer = await api.ask('/v1/events/none/actions/stop', { token: 'operator', body });
    expect(answer.status).toBe(422);
    expect((answer.body.problems as { path: string }[]).map(({ path }) => path)).toEqual(paths);
  });

  it('that is unknown is not found', async () => {
    for (const path of ['', '/pending', '/stream']) {
      const answer = await api.ask(`/v1/events/nobody-knows${path}`, { token: 'viewer' });
      expect(answer.status).toBe(404);
    }
    expect((await api.ask('/v1/events/%00', { token: 'viewer' })).status).toBe(400);
    expect((await api.ask('/v1/nothing', { token: 'viewer' })).status).toBe(404);
  });
});

describe('a tenant', () => {
  it('makes and sees its own events alone', async () => {
    const plan = later();
    expect((await create(plan, 'operator@acme')).status).toBe(201);
    const others = await made();
    const see = (eventId: string) => api.ask(`/v1/events/${eventId}`, { token: 'viewer@acme' });
    await until(async () => (await see(plan.eventId)).body.tenant === api.tenant);
    expect((await see(others)).status).toBe(404);
    expect((await see(others)).body.detail).toBe(`there is no event ${others}`);
    const stop = { token: 'operator@acme', body: { reason: 'mine' } };
    expect((await api.ask(`/v1/events/${others}/actions/stop`, stop)).status).toBe(404);
    expect((await create({ ...later(), tenant: 'other' }, 'operator@acme')).status).toBe(422);
    expect((await listed('tenant=other', 'viewer@acme')).status).toBe(403);
    await until(async () => ((await listed('', 'viewer@acme')).body.events as unknown[]).length > 0);
    const { events } = (await listed('', 'viewer@acme')).body;
    expect(new Set((events as { tenant: string }[]).map(({ tenant }) => tenant))).toEqual(new Set([api.tenant]));
  });
});
