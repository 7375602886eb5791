import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  // It is looked for in the first page of all schedules.
  api = await apiHarness(undefined, {}, { server: 'own' });
});
afterAll(() => api?.close());

const weekly = (overrides = {}) => ({
  scheduleId: `s-${randomUUID()}`,
  plan: { vendor: 'aws-ivs', duration: '30m', title: 'Weekly' },
  spec: { cron: '0 20 * * sun', timeZone: 'Europe/Berlin' },
  overlap: 'skip',
  ...overrides,
});
const make = (body: unknown, token = 'admin') => api.ask('/v1/schedules', { token, body });

describe('a schedule', () => {
  it('is made, read, paused, resumed, set anew and deleted', async () => {
    const input = weekly();
    const at = `/v1/schedules/${input.scheduleId}`;
    const made = await make(input);
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(at);
    expect(made.body).toMatchObject({ title: 'Weekly', paused: false, shows: { length: 5 } });
    const listed = () => api.ask('/v1/schedules', { token: 'viewer' });
    await until(async () =>
      ((await listed()).body.schedules as { scheduleId: string }[]).some((one) => one.scheduleId === input.scheduleId),
    );
    const direct = (action: string) =>
      api.ask(`${at}/actions/${action}`, { token: 'operator', body: { reason: 'summer', onBehalfOf: 'Ada' } });
    expect((await direct('pause')).body).toMatchObject({
      paused: true,
      note: 'operator on behalf of Ada: summer',
    });
    expect((await direct('resume')).body).toMatchObject({ paused: false });
    const anew = { ...input, plan: { ...input.plan, title: 'Fortnightly' } };
    const updated = await api.ask(at, { method: 'PUT', token: 'admin', body: anew });
    expect(updated.body).toMatchObject({ title: 'Fortnightly' });
    const other = await api.ask(at, { method: 'PUT', token: 'admin', body: weekly() });
    expect(other.body).toMatchObject({ status: 422, problems: [{ path: 'scheduleId' }] });
    expect((await make(input)).status).toBe(409);
    expect((await api.ask(at, { method: 'DELETE', token: 'admin' })).status).toBe(204);
    expect((await api.ask(at, { token: 'viewer' })).status).toBe(404);
  });

  it('is refused with everything that is wrong with it and its plan', async () => {
    const { status, body } = await make(weekly({ overlap: 'queue', plan: { vendor: 'aws-ivs', tittle: 'x' } }));
    expect(status).toBe(422);
    const paths = (body.problems as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['overlap', 'plan.tittle']));
    for (const garbage of ['[]', 'null', '{"plan":1}']) expect((await make(garbage)).status).toBe(422);
  });

  it('of another tenant is not there', async () => {
    const own = await make(weekly(), 'admin@acme');
    expect(own.body).toMatchObject({ plan: { tenant: api.tenant } });
    const { scheduleId } = (await make(weekly())).body;
    for (const [path, method] of [
      ['', 'GET'],
      ['', 'DELETE'],
    ])
      expect((await api.ask(`/v1/schedules/${scheduleId}${path}`, { method, token: 'admin@acme' })).status).toBe(404);
    const pause = { token: 'admin@acme', body: { reason: 'mine' } };
    expect((await api.ask(`/v1/schedules/${scheduleId}/actions/pause`, pause)).status).toBe(404);
    const { body } = await api.ask('/v1/schedules', { token: 'viewer@acme' });
    expect((body.schedules as { plan: { tenant: string } }[]).every(({ plan }) => plan.tenant === api.tenant)).toBe(
      true,
    );
    for (const id of [scheduleId, own.body.scheduleId])
      await api.ask(`/v1/schedules/${id}`, { method: 'DELETE', token: 'admin' });
  });
});
