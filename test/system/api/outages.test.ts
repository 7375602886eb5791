import { describe, expect, it, onTestFinished } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { connect } from '../../../temporal/connection.ts';
import { startEmbeddedServer } from '../../../temporal/dev-server/embedded-server.ts';
import { searchAttributes } from '../../../workflows/search-attributes.ts';
import { testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { apiHarness, runningApi } from './api-harness.ts';

describe('without a worker', () => {
  it('events are taken, what needs a worker is answered 503, and readiness says so', async () => {
    const api = await apiHarness();
    onTestFinished(() => api.close());
    const plan = planFor();
    expect((await api.ask('/v1/events', { token: 'operator', body: plan })).status).toBe(201);
    const status = await api.ask(`/v1/events/${plan.eventId}`, { token: 'viewer' });
    expect(status.status).toBe(503);
    expect(status.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(status.body.detail).toContain('no worker answers');
    expect((await api.ask('/readyz')).body).toEqual({ status: 'ready', workers: 0 });
    expect((await api.ask('/readyz?workers=required')).status).toBe(503);
    const { activities } = fakeVendor();
    await api.environment.work(activities);
    await until(async () => (await api.ask('/readyz?workers=required')).status === 200);
    await until(async () => (await api.ask(`/v1/events/${plan.eventId}`, { token: 'viewer' })).status === 200);
  });
});

describe('without a token that counts', () => {
  it('is not ready, and alive', async () => {
    let refusesAll = false;
    const tokens = { isWhole: () => true, refusesAll: () => refusesAll };
    const environment = await testEnvironment();
    onTestFinished(() => environment.close());
    const { client, showcaller } = environment;
    const api = await runningApi({ client: showcaller, schedules: new ShowcallerSchedules(client), tokens });
    onTestFinished(() => api.close());
    expect((await api.ask('/readyz')).status).toBe(200);
    refusesAll = true;
    expect((await api.ask('/readyz')).body).toMatchObject({
      status: 503,
      detail: expect.stringContaining('token file'),
    });
    expect((await api.ask('/healthz')).status).toBe(200);
  });
});

describe('without Temporal', () => {
  it('every question is our trouble, and the process is alive', async () => {
    const server = await startEmbeddedServer({ log: () => {}, searchAttributes: Object.values(searchAttributes) });
    onTestFinished(() => server.stop());
    const { client, connection } = await connect({ address: server.address, namespace: server.namespace });
    onTestFinished(() => connection.close());
    const api = await runningApi({
      client: new ShowcallerClient(client),
      schedules: new ShowcallerSchedules(client),
      limits: { answerMs: 500 },
    });
    onTestFinished(() => api.close());
    await until(async () => (await api.ask('/readyz')).status === 200);
    await server.stop();
    // Temporal is asked at most once a second for it.
    await until(async () => (await api.ask('/readyz')).status === 503);
    const asked = [
      api.ask('/v1/events', { token: 'operator', body: planFor() }),
      api.ask('/v1/events', { token: 'viewer' }),
      api.ask('/v1/events/some', { token: 'viewer' }),
      api.ask('/v1/events/some/stream', { token: 'viewer' }),
      api.ask('/v1/events/some/actions/stop', { token: 'operator', body: { reason: 'x' } }),
      api.ask('/v1/schedules', { token: 'viewer' }),
      api.ask('/v1/schedules/some', { token: 'viewer@acme' }),
      api.ask('/readyz'),
    ];
    for (const { status, body, headers } of await Promise.all(asked)) {
      expect([status, body.type]).toEqual([503, 'urn:showcaller:problem:unavailable']);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect(JSON.stringify(body)).not.toContain(server.address);
    }
    expect((await api.ask('/healthz')).status).toBe(200);
  });
});
