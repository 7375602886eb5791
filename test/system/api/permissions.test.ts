import { Validator } from '@seriousme/openapi-schema-validator';
import type Fastify from 'fastify';
import type { FastifyContextConfig } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuth, openAuth } from '../../../api/auth/auth.ts';
import { permissions } from '../../../api/auth/permissions.ts';
import { openApiDocument } from '../../../api/openapi/openapi.ts';
import { createApi } from '../../../api/server.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { planFor } from '../../support/shows.ts';
import { type Answer, type ApiHarness, apiHarness } from './api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await apiHarness(undefined, { ingest: async () => [] }, { server: 'own' });
});
afterAll(() => api?.close());

const document = await openApiDocument();
const routes = Object.entries(document.paths as Record<string, Record<string, JsonObject>>).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path: path.replace(/\{\w+\}/g, 'nobody-knows'),
    needs: /Needs the permission `(\w+)`/.exec(String(operation.description))?.[1] ?? 'public',
  })),
);

/** What each token may do; written down, not derived from the code. */
const allowed: Record<string, string[]> = {
  viewer: ['public', 'viewer'],
  operator: ['public', 'viewer', 'operator'],
  admin: ['public', 'viewer', 'operator', 'admin'],
  ingest: ['public', 'ingest'],
  hook: ['public', 'hook'],
};

/** Sent as if by a viewer who leaves at once: a stream would not end. */
async function knock(path: string, method: string, token?: string): Promise<number> {
  const leave = new AbortController();
  const response = await fetch(`${api.url}${path}`, {
    method,
    signal: leave.signal,
    headers: { ...(token && { authorization: `Bearer ${api.token(token)}` }) },
  });
  leave.abort();
  return response.status;
}

describe('routes', () => {
  it('are the ones that are known, each with its permission', () => {
    const table = routes.map(({ method, path, needs }) => `${needs.padEnd(8)} ${method} ${path}`).sort();
    expect(table).toMatchInlineSnapshot(`
      [
        "admin    DELETE /v1/schedules/nobody-knows",
        "admin    POST /v1/events/nobody-knows/actions/abandon-cleanup",
        "admin    POST /v1/events/nobody-knows/actions/release",
        "admin    POST /v1/schedules",
        "admin    PUT /v1/schedules/nobody-knows",
        "ingest   GET /v1/events/nobody-knows/ingest",
        "operator GET /v1/events/nobody-knows/viewer-address",
        "operator POST /v1/events",
        "operator POST /v1/events/nobody-knows/actions/cancel",
        "operator POST /v1/events/nobody-knows/actions/extend",
        "operator POST /v1/events/nobody-knows/actions/reschedule",
        "operator POST /v1/events/nobody-knows/actions/reset",
        "operator POST /v1/events/nobody-knows/actions/retry-vod",
        "operator POST /v1/events/nobody-knows/actions/skip-wait",
        "operator POST /v1/events/nobody-knows/actions/stop",
        "operator POST /v1/events/nobody-knows/actions/switch",
        "operator POST /v1/plans/check",
        "operator POST /v1/schedules/nobody-knows/actions/pause",
        "operator POST /v1/schedules/nobody-knows/actions/resume",
        "operator POST /v1/schedules/nobody-knows/actions/trigger",
        "public   GET /healthz",
        "public   GET /readyz",
        "public   GET /watch/nobody-knows/index.m3u8",
        "public   GET /watch/nobody-knows/recording.m3u8",
        "public   GET /watch/nobody-knows/recording/nobody-knows",
        "viewer   GET /v1/events",
        "viewer   GET /v1/events/nobody-knows",
        "viewer   GET /v1/events/nobody-knows/pending",
        "viewer   GET /v1/events/nobody-knows/still",
        "viewer   GET /v1/events/nobody-knows/stream",
        "viewer   GET /v1/events/nobody-knows/usage",
        "viewer   GET /v1/health",
        "viewer   GET /v1/me",
        "viewer   GET /v1/overview",
        "viewer   GET /v1/schedules",
        "viewer   GET /v1/schedules/nobody-knows",
        "viewer   GET /v1/stream",
        "viewer   GET /v1/usage",
      ]
    `);
  });

  it.each(routes.filter(({ needs }) => needs !== 'public'))(
    '$method $path opens for those who hold $needs, and for no others',
    async ({ method, path, needs }) => {
      expect(await knock(path, method)).toBe(401);
      for (const [token, holds] of Object.entries(allowed)) {
        const status = await knock(path, method, token);
        const answered = `${token}: ${status === 403 ? 'refused' : status === 401 ? 'unknown' : 'let in'}`;
        expect(answered).toBe(`${token}: ${holds.includes(needs) ? 'let in' : 'refused'}`);
      }
    },
  );

  it('know every permission there is', () => {
    expect(Object.keys(allowed).sort()).toEqual([...permissions].sort());
  });

  it.each<[string, string, FastifyContextConfig]>([
    ['no permission', '/careless', {}],
    ['no permission', '/careless', { tenancy: 'none' }],
    ['no tenancy', '/careless', { permission: 'viewer' }],
    ['neither event nor schedule', '/careless', { permission: 'viewer', tenancy: 'event' }],
    ['event', '/careless/:eventId', { permission: 'viewer', tenancy: 'own' }],
    ['event', '/careless/:eventId', { permission: 'viewer', tenancy: 'schedule' }],
    ['event', '/careless/:eventId/more', { permission: 'public' }],
    ['schedule', '/careless/:scheduleId', { permission: 'viewer', tenancy: 'none' }],
  ])('are not made when a route names %s: %s %j', async (why, url, config) => {
    const careless = async (app: ReturnType<typeof Fastify>) => {
      app.get(url, { config }, async () => 'open');
    };
    const { showcaller } = api.environment;
    const made = createApi({ client: showcaller, schedules: {} as never, auth: openAuth, board: careless as never });
    await expect(made).rejects.toThrow(new RegExp(`^GET ${url} .*${why}$`));
  });

  it('check the tenancy and the time of a route that does neither itself', async () => {
    let workers: () => Promise<number>;
    const careless = async (app: ReturnType<typeof Fastify>) => {
      app.get('/careless/:eventId', { config: { permission: 'viewer', tenancy: 'event' } }, async () => 'open');
      app.get('/slow', { config: { permission: 'viewer', tenancy: 'none', answerMs: 0 } }, () => workers());
    };
    const other = await apiHarness(undefined, { board: careless as never });
    workers = () => other.environment.showcaller.workers();
    const { eventId } = await other.environment.showcaller.start(
      planFor({ tenant: 'bolt', startsAt: '2031-01-01T18:00:00Z' }),
    );
    expect((await other.ask(`/careless/${eventId}`, { token: 'viewer' })).status).toBe(200);
    expect((await other.ask(`/careless/${eventId}`, { token: 'viewer@acme' })).status).toBe(404);
    expect((await other.ask('/slow', { token: 'viewer' })).status).toBe(503);
    await other.close();
  });

  it('open for hooks by a token in the address, and for nothing else', async () => {
    const plugin = async (app: ReturnType<typeof Fastify>) => {
      app.post('/hooks/test', { config: { permission: 'hook', tenancy: 'none' } }, async () => ({ let: 'in' }));
    };
    const other = await apiHarness(undefined, { vendorEvents: plugin as never });
    const send = (path: string) => other.ask(path, { method: 'POST', headers: { 'x-nothing': '1' } });
    expect((await send(`/hooks/test?token=${other.token('hook')}`)).status).toBe(200);
    expect((await send(`/hooks/test?token=${other.token('viewer')}`)).status).toBe(403);
    expect((await send('/hooks/test?token=sc_wrong')).status).toBe(401);
    expect((await other.ask(`/v1/events?token=${other.token('viewer')}`)).status).toBe(401);
    expect(other.log()).not.toMatch(/token=|sc_/);
    await other.close();
  });
});

describe('the document', () => {
  it('is valid OpenAPI 3.1, and the one that is served', async () => {
    expect(document.openapi).toBe('3.1.0');
    expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
    expect((await api.ask('/openapi.json')).body).toEqual(document);
  });
});

describe('every answer', () => {
  it('has the headers of a careful server', async () => {
    const { headers } = await api.ask('/healthz');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8,}; includeSubDomains$/);
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('permissions-policy')).toMatch(/camera=\(\).*microphone=\(\)/);
    const refused = await api.ask('/v1/events');
    const ofThisAnswer = /^(date|connection|keep-alive|content-length|content-type)$/;
    for (const [name, value] of headers)
      if (!ofThisAnswer.test(name)) expect([name, refused.headers.get(name)]).toEqual([name, value]);
  });

  it('that refuses leaves a line that says whom, what and why', async () => {
    const asked = `/v1/schedules/s-${Date.now()}`;
    await api.ask(asked, { headers: { authorization: 'Bearer sc_guessed' } });
    await api.ask(asked, { method: 'DELETE', token: 'viewer@acme' });
    await api.ask(asked, { token: 'viewer@acme' });
    const lines = api
      .log()
      .split('\n')
      .filter((line) => line.includes('"msg":"refused: '))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const of = (status: number) => lines.findLast((line) => line.status === status);
    expect(of(401)).toMatchObject({
      kind: 'unauthenticated',
      ip: '127.0.0.1',
      msg: expect.stringContaining('the token is not known'),
    });
    expect(of(403)).toMatchObject({
      kind: 'forbidden',
      principal: 'viewer@acme',
      tenant: api.tenant,
      msg: 'refused: this needs admin; viewer@acme holds viewer',
    });
    expect(of(404)).toMatchObject({ kind: 'not-found', principal: 'viewer@acme', tenant: api.tenant });
    expect(api.log()).not.toContain('sc_guessed');
  });

  it('does not keep a good token waiting because its address guessed at others', async () => {
    const busy = await apiHarness(undefined, { limits: { requestsPerAddress: 2 } });
    for (let n = 0; n < 5; n += 1) await busy.ask('/v1/schedules', { headers: { authorization: 'Bearer sc_guessed' } });
    expect((await busy.ask('/v1/schedules')).status).toBe(429);
    expect((await busy.ask('/v1/schedules', { token: 'viewer' })).status).toBe(200);
    await busy.close();
  });

  it('does not keep a good JWT waiting because its address sent forged ones', async () => {
    const recognise = async (jwt: string) => (jwt === 'good' ? { name: 'ann', permissions } : undefined);
    const busy = await apiHarness(undefined, { auth: createAuth(recognise), limits: { requestsPerAddress: 7 } });
    const ask = (jwt: string) => busy.ask('/v1/schedules', { headers: { authorization: `Bearer ${jwt}` } });
    const forged = Array.from({ length: 100 }, () => ask('forged'));
    expect((await ask('good')).status).toBe(200);
    const statuses = (await Promise.all(forged)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(7);
    expect(statuses.filter((status) => status === 429)).toHaveLength(93);
    expect((await ask('good')).status).toBe(200);
    expect((await busy.ask('/openapi.json')).status).toBe(200);
    await busy.close();
  });

  it('that refuses a caller says which credentials it takes, and nothing more', async () => {
    const unknown = await api.ask('/v1/events', { headers: { authorization: 'Bearer sc_not-a-token' } });
    expect(unknown.status).toBe(401);
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer realm="showcaller"');
    const basic = await api.ask('/v1/events', { headers: { authorization: 'Basic dTpw' } });
    expect(basic.status).toBe(401);
    const low = await api.ask('/v1/events', { token: 'viewer', body: {} });
    expect(low.body).toMatchObject({ status: 403, detail: 'this needs operator; viewer holds viewer' });
    expect(JSON.stringify([unknown, basic, low].map(({ text }) => text))).not.toMatch(/sc_|dTpw|node:|\.ts/);
  });

  it('comes too often for those who ask too often, by token and by address', async () => {
    const busy = await apiHarness(undefined, { limits: { requestsPerPrincipal: 3, requestsPerAddress: 2 } });
    const until429 = async (ask: () => Promise<Answer>) => {
      const statuses: number[] = [];
      let answer: Answer;
      do {
        answer = await ask();
        statuses.push(answer.status);
      } while (answer.status !== 429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      return statuses;
    };
    expect(await until429(() => busy.ask('/v1/nothing-here'))).toEqual([404, 404, 429]);
    expect(await until429(() => busy.ask('/v1/schedules', { token: 'viewer' }))).toEqual([200, 200, 200, 429]);
    expect((await busy.ask('/v1/schedules', { token: 'admin' })).status).toBe(200);
    expect((await busy.ask('/healthz')).status).toBe(200);
    await busy.close();
  });

  it('leaves no secret in the log', async () => {
    const answer = await api.ask('/v1/events?tenant=q-secret', {
      token: 'operator',
      headers: { cookie: 'c-secret', 'x-api-key': 'k-secret', 'x-request-id': 'r-secret' },
      body: { vendor: 'b-secret', 'stream-key': 's-secret' },
    });
    expect(answer.status).toBe(422);
    const log = api.log();
    expect(log).toContain('"path":"/v1/events"');
    expect(log).not.toMatch(/-secret|sc_|Bearer [^<]/);
  });
});
