import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openAuth } from '../../../api/auth/auth.ts';
import type { ApiDeps } from '../../../api/deps.ts';
import { boardRoutes } from '../../../api/routes/board.ts';
import { metricsRoutes } from '../../../api/routes/metrics.ts';
import { vendorEventRoutes } from '../../../api/routes/vendor-events.ts';
import { createApi } from '../../../api/server.ts';
import type { ShowcallerClient } from '../../../client/client.ts';
import { RefusedError } from '../../../client/errors.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

/*
 * Every route × every role of a tenant × what exists for others and what does not exist at all: the answers are the same
 * byte for byte, but for the date and the id that was asked for. The routes are those that the API registers, hidden ones and
 * plugins included.
 */
const registered = vi.hoisted(() => [] as { method: string | string[]; url: string; config?: { tenancy?: string } }[]);
vi.mock('../../../api/auth/route-config.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../api/auth/route-config.ts')>();
  const checkRoute: typeof original.checkRoute = (route) => {
    registered.push(route);
    original.checkRoute(route);
  };
  return { ...original, checkRoute };
});
/** Every part that an API can have. */
const withAllParts = ({ client, schedules }: Pick<ApiDeps, 'client' | 'schedules'>) =>
  ({
    ingest: async () => [],
    board: boardRoutes(),
    metrics: metricsRoutes({ client, schedules, vendors: ['aws-ivs'] }),
    vendorEvents: vendorEventRoutes({ delivery: {} as Parameters<typeof vendorEventRoutes>[0]['delivery'] }),
    watch: { mode: 'public', secrets: [Buffer.alloc(32, 'watch')] },
    limits: { requestsPerAddress: 1e6, requestsPerPrincipal: 1e6 },
  }) satisfies Partial<ApiDeps>;
/** Of an API whose Temporal is never asked. */
async function registeredRoutes() {
  const client = { settled: async () => {} } as ShowcallerClient;
  const parts = { client, schedules: {} as ShowcallerSchedules };
  const app = await createApi({ ...parts, auth: openAuth, ...withAllParts(parts) });
  await app.ready();
  await app.close();
  return registered
    .splice(0)
    .flatMap(({ method, url, config }) =>
      [method].flat().map((one) => ({ method: one, path: url.replace(/:(\w+)/g, '{$1}'), tenancy: config?.tenancy })),
    );
}

let api: ApiHarness;
/** Ids of one length, so that only the ids themselves distinguish them. */
const id = (kind: string) => `${kind}-${randomUUID().slice(0, 18)}`;
const foreign = { inTheirNameSpace: id('a'), underAPlainName: id('b'), ofNobody: id('c') };
/** The same, whose ids the tenant takes too. */
const taken = { inTheirNameSpace: id('d'), underAPlainName: id('e'), ofNobody: id('f') };
const ofMine = id('o');

const routes = await registeredRoutes();
const named = routes.filter(({ path }) => /\{(eventId|scheduleId)\}/.test(path));
const tokens = [undefined, 'viewer@acme', 'operator@acme', 'admin@acme', 'ingest@acme', 'hook@acme'];

const plan = (eventId: string, overrides = {}) =>
  planFor({ eventId, startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {}, ...overrides });
const schedule = (scheduleId: string, tenant?: string) => ({
  scheduleId,
  plan: { vendor: 'aws-ivs', duration: '30m', ...(tenant && { tenant }) },
  spec: { cron: '0 20 * * sun', timeZone: 'Europe/Berlin' },
  overlap: 'skip' as const,
});

beforeAll(async () => {
  api = await apiHarness(fakeVendor().activities, withAllParts, { server: 'own' });
  const { showcaller, client, taskQueue } = api.environment;
  const schedules = new ShowcallerSchedules(client, { taskQueue });
  const bolt = api.otherTenant;
  await Promise.all([
    ...[foreign, taken].flatMap(({ inTheirNameSpace, underAPlainName, ofNobody }) => [
      showcaller.forTenant(bolt).start(plan(inTheirNameSpace)),
      showcaller.start(plan(underAPlainName, { tenant: bolt })),
      showcaller.start(plan(ofNobody)),
      schedules.forTenant(bolt).create(schedule(inTheirNameSpace)),
      schedules.create(schedule(underAPlainName, bolt)),
      schedules.create(schedule(ofNobody)),
    ]),
    showcaller.forTenant(api.tenant).start(plan(ofMine)),
    schedules.forTenant(api.tenant).create(schedule(ofMine)),
  ]);
});
/** Some were cancelled by a request of the matrix. */
async function cancelled(showcaller: ShowcallerClient, eventId: string): Promise<void> {
  await showcaller.cancel(eventId).catch((error: unknown) => {
    if (!(error instanceof RefusedError)) throw error;
  });
}

afterAll(async () => {
  const { showcaller, client } = api.environment;
  const schedules = new ShowcallerSchedules(client, {});
  const bolt = api.otherTenant;
  await Promise.all([
    ...[foreign, taken].flatMap(({ inTheirNameSpace, underAPlainName, ofNobody }) => [
      cancelled(showcaller.forTenant(bolt), inTheirNameSpace),
      cancelled(showcaller, underAPlainName),
      cancelled(showcaller, ofNobody),
      schedules.forTenant(bolt).delete(inTheirNameSpace),
      schedules.delete(underAPlainName),
      schedules.delete(ofNobody),
    ]),
    cancelled(showcaller.forTenant(api.tenant), ofMine),
    schedules.forTenant(api.tenant).delete(ofMine),
  ]);
  await api.close();
});

const bodyFor = (path: string, method: string, named: string): unknown => {
  if (['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method)) return undefined;
  if (path === '/v1/events') return plan(named);
  if (path === '/v1/schedules' || method === 'PUT') return schedule(named);
  const times = { startsAt: '2031-02-01T18:00:00Z', endsAt: '2031-02-01T19:00:00Z' };
  if (path.endsWith('/reschedule')) return { reason: 'why', ...times };
  if (path.endsWith('/switch')) return { reason: 'why', leg: 'main' };
  return { reason: 'why', ...(path.endsWith('/extend') && { endsAt: times.endsAt }) };
};

/** All of an answer: status, headers, body. A stream is left when it has begun. */
async function answer(method: string, path: string, named: string, token: string | undefined): Promise<string> {
  const body = bodyFor(path, method, named);
  const leave = new AbortController();
  const response = await fetch(`${api.url}${path.replace(/\{\w+\}/, named)}`, {
    method,
    signal: leave.signal,
    headers: {
      ...(token && { authorization: `Bearer ${api.token(token)}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  const text = isStream ? 'a stream' : await response.text();
  leave.abort();
  const headers = [...response.headers].filter(([name]) => name !== 'date').map(([name, value]) => `${name}: ${value}`);
  return [response.status, ...headers, '', text].join('\n').replaceAll(named, '<id>');
}

const statusIn = (text: string): number => Number(text.split('\n', 1)[0]);

describe('the routes of the API', () => {
  it('are all here: a name in a path is of a kind that is compared below, or of none of a tenant', () => {
    const kinds = new Set(routes.flatMap(({ path }) => path.match(/\{\w+\}/g) ?? []));
    expect([...kinds].sort()).toEqual(['{eventId}', '{name}', '{scheduleId}', '{vendor}', '{watchId}']);
    expect(named.length).toBeGreaterThan(20);
  });

  const own = routes.filter(
    ({ tenancy, method, path }) => tenancy === 'own' && method === 'GET' && !path.includes('{'),
  );
  it.each(own)('list nothing of others: $method $path', async ({ path }) => {
    const others = [...Object.values(foreign), ...Object.values(taken), api.otherTenant];
    for (const token of ['viewer@acme', 'operator@acme', 'admin@acme']) {
      const text = await firstOf(path, token);
      for (const one of others) expect(text).not.toContain(one);
      expect(await firstOf(path, 'admin')).not.toBe('');
    }
  });

  const forViewers = routes.filter(({ path, method }) => path.includes('{watchId}') && method !== 'OPTIONS');
  it.each(forViewers)('say nothing of a tenant by its id to viewers: $method $path', async ({ method, path }) => {
    const at = path.replace('{name}', 'v1.m3u8').replace('{watchId}', '{eventId}');
    for (const token of [undefined, 'admin@acme']) {
      const missing = await answer(method, at, id('x'), token);
      expect(statusIn(missing)).toBe(404);
      expect(await answer(method, at, foreign.inTheirNameSpace, token)).toBe(missing);
      expect(await answer(method, at, ofMine, token)).toBe(missing);
    }
  });
});

/** An answer, or the first of a stream that names something. */
async function firstOf(path: string, token: string): Promise<string> {
  const leave = new AbortController();
  const headers = { authorization: `Bearer ${api.token(token)}` };
  const response = await fetch(`${api.url}${path}`, { signal: leave.signal, headers });
  expect(response.status).toBe(200);
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (/^data: /m.test(text) && text.endsWith('\n\n')) break;
  }
  leave.abort();
  return text;
}

describe('for a tenant, what belongs to others and what does not exist is the same', () => {
  it.each(named)('$method $path', async ({ method, path }) => {
    for (const token of tokens) {
      const missing = await answer(method, path, id('x'), token);
      expect([401, 403, 404]).toContain(statusIn(missing));
      for (const [whose, one] of Object.entries(foreign))
        expect(`${token}, ${whose}: ${await answer(method, path, one, token)}`).toBe(`${token}, ${whose}: ${missing}`);
    }
  });

  it.each(['/v1/events', '/v1/schedules'])('also when it makes one: POST %s', async (path) => {
    const { showcaller, client } = api.environment;
    const schedules = new ShowcallerSchedules(client, {}).forTenant(api.tenant);
    const free = id('y');
    const missing = await answer('POST', path, free, 'admin@acme');
    expect(statusIn(missing)).toBe(201);
    const comparable = (text: string) => text.replace(/"(beginsAt|startsAt|local|at)":"[^"]*"/g, '');
    for (const one of Object.values(taken))
      expect(comparable(await answer('POST', path, one, 'admin@acme'))).toBe(comparable(missing));
    for (const one of [free, ...Object.values(taken)])
      await (path === '/v1/events' ? showcaller.forTenant(api.tenant).cancel(one) : schedules.delete(one));
    if (path === '/v1/events') await until(async () => (await events('viewer@acme')).length > 0);
  });
});

const events = async (token: string) =>
  ((await api.ask('/v1/events?limit=200', { token })).body.events ?? []) as { tenant?: string }[];

describe('the stream of a tenant', () => {
  it('is all of its own, and none of others', async () => {
    await until(async () => (await events('viewer')).length > 2);
    for (const { tenant } of await events('viewer@acme')) expect(tenant).toBe(api.tenant);
    const answer = await api.ask('/v1/schedules?limit=200', { token: 'viewer@acme' });
    // Another answer says why.
    expect(answer).toMatchObject({ status: 200 });
    for (const { plan } of answer.body.schedules as { plan: { tenant?: string } }[])
      expect(plan.tenant).toBe(api.tenant);
  });

  it.each(named)('its own exists for it: $method $path', async ({ method, path }) => {
    if (method === 'DELETE' || path.endsWith('cancel') || path.endsWith('trigger')) return;
    for (const token of ['viewer@acme', 'operator@acme', 'admin@acme', 'ingest@acme']) {
      // Its own may lack a part, such as a picture: the answer differs from that for one that does not exist.
      const [mine, missing] = [await answer(method, path, ofMine, token), await answer(method, path, id('x'), token)];
      if (statusIn(missing) === 404) expect(mine).not.toBe(missing);
    }
  });
});

/** How often Temporal is asked what while the work goes on: an answer takes the time of its questions. */
async function questionsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const service = api.environment.connection.workflowService;
  const names = Object.keys(service) as (keyof typeof service)[];
  const spies = names.map((name) => vi.spyOn(service, name as 'describeWorkflowExecution'));
  try {
    await work();
    const counts = spies.map(({ mock }, at): [string, number] => [String(names[at]), mock.calls.length]);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('the time of an answer', () => {
  it.each(named.filter(({ method }) => method === 'GET'))(
    "does not distinguish another's from none, because Temporal is asked the same: $path",
    async ({ path }) => {
      const token = path.endsWith('/ingest') ? 'ingest@acme' : 'admin@acme';
      const see = (one: string) => () => api.ask(path.replace(/\{\w+\}/, one), { token });
      const ofNone = await questionsOf(see(id('x')));
      expect(ofNone).not.toEqual({});
      for (const one of Object.values(foreign)) expect(await questionsOf(see(one))).toEqual(ofNone);
    },
  );
});
