import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

let api: ApiHarness;
const quotas = { events: 5, schedules: 2, streams: 3, requestsPerMinute: 200 };

beforeAll(async () => {
  api = await apiHarness(undefined, {
    quotasOf: () => quotas,
    limits: { streamsPerPrincipal: 2, streams: 6, heartbeatMs: 50 },
  });
});
afterAll(() => api?.close());

const later = (overrides = {}) =>
  planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {}, ...overrides });
const create = (plan: unknown, token: string) => api.ask('/v1/events', { token, body: plan });
const weekly = (n: number) => ({
  scheduleId: `quota-${n}-${api.tenant}`,
  plan: { vendor: 'aws-ivs', duration: '30m' },
  spec: { cron: '0 20 * * sun', timeZone: 'Europe/Berlin' },
  overlap: 'skip',
});

/** A stream that stays open until it is left. */
async function openStream(token: string) {
  const leaving = new AbortController();
  const response = await fetch(`${api.url}/v1/stream`, {
    headers: { authorization: `Bearer ${api.token(token)}` },
    signal: leaving.signal,
  });
  return { status: response.status, leave: () => leaving.abort(), text: () => response.text() };
}

describe('the events of a tenant', () => {
  it('are as many as its quota, however many it asks for at once, and others have their own', async () => {
    const plans = Array.from({ length: 30 }, () => later());
    const answers = await Promise.all(plans.map((plan) => create(plan, 'operator@acme')));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(quotas.events);
    const refused = answers.filter(({ status }) => status === 403);
    expect(refused).toHaveLength(plans.length - quotas.events);
    expect(refused[0]?.body).toMatchObject({
      type: 'urn:showcaller:problem:quota',
      detail: `tenant ${api.tenant} has 5 events that are not over or that schedules will begin, its quota: end some, or have it raised`,
    });
    const again = await create(plans[answers.findIndex(({ status }) => status === 201)], 'operator@acme');
    expect([again.status, again.body.found]).toEqual([200, 'RUNNING']);
    expect((await create(later(), 'admin@bolt')).status).toBe(201);
    expect((await create(later(), 'operator')).status).toBe(201);
    const cancelled = made[0]?.body.eventId;
    const at = `/v1/events/${cancelled}/actions/cancel`;
    expect((await api.ask(at, { token: 'operator@acme', body: { reason: 'room' } })).status).toBe(200);
    await api.environment.client.workflow
      .getHandle(`live-event/${api.tenant}/${cancelled}`)
      .terminate('no worker here');
    const replacement = later();
    await until(async () => (await create(replacement, 'operator@acme')).status === 201);
  });
});

describe('the schedules of a tenant', () => {
  const make = (schedule: object) => api.ask('/v1/schedules', { token: 'admin@bolt', body: schedule });
  const remove = (scheduleId: unknown) =>
    api.ask(`/v1/schedules/${scheduleId}`, { method: 'DELETE', token: 'admin@bolt' });

  it('are as many as its quota', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((n) => make(weekly(n))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 403, 403]);
    for (const { body } of answers) if (body.scheduleId) await remove(body.scheduleId);
  });

  it('take the places of the events that they begin, and have none for more', async () => {
    const hourly = { ...weekly(5), spec: { cron: '0 * * * *', timeZone: 'Europe/Berlin' } };
    const often = { ...hourly, overlap: 'allow-all', plan: { vendor: 'aws-ivs', duration: '6h' } };
    const passed = await until(async () => {
      const answer = await make(often);
      return answer.body.type === 'urn:showcaller:problem:quota' && /events/.test(String(answer.body.detail)) && answer;
    });
    expect(passed.status).toBe(403);
    expect((await make(hourly)).body).toMatchObject({ scheduleId: hourly.scheduleId, runsAtOnce: 1 });
    const { body } = await api.ask(`/v1/schedules/${hourly.scheduleId}`, {
      method: 'PUT',
      token: 'admin@bolt',
      body: often,
    });
    expect(body).toMatchObject({ status: 403, type: 'urn:showcaller:problem:quota' });
    // One event from above, one place of the schedule: three are left. What was made two seconds ago may count twice.
    for (let n = 0; n < 3; n += 1) await until(async () => (await create(later(), 'admin@bolt')).status === 201);
    const answers = await Promise.all(Array.from({ length: 6 }, () => create(later(), 'admin@bolt')));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(403));
    const trigger = { token: 'admin@bolt', body: { reason: 'now' } };
    expect((await api.ask(`/v1/schedules/${hourly.scheduleId}/actions/trigger`, trigger)).status).toBe(200);
    await remove(hourly.scheduleId);
  });
});

describe('runs of schedules that were deleted, made again or replaced', () => {
  it('keep their places beside those that the schedules can begin', async () => {
    const { client, taskQueue } = api.environment;
    const schedules = new ShowcallerSchedules(client, { taskQueue, tenant: `places-${api.tenant}` });
    const taken = (places: number) => until(async () => (await schedules.placesTaken()) === places);
    const make = (n: number) => schedules.create({ ...weekly(n), overlap: 'skip' });
    let triggeredAt = 0;
    const triggerAndDelete = async (n: number) => {
      // Runs of one second have one name.
      await until(() => Math.floor(Date.now() / 1000) > triggeredAt);
      triggeredAt = Math.floor(Date.now() / 1000);
      expect(await schedules.trigger(weekly(n).scheduleId)).toMatchObject({ outcome: 'started' });
      await schedules.delete(weekly(n).scheduleId);
    };
    for (const n of [1, 2]) await make(n);
    await taken(2);
    for (const n of [1, 2]) await triggerAndDelete(n);
    await make(3);
    await taken(3);
    await schedules.trigger(weekly(3).scheduleId);
    await make(1);
    await taken(4);
    await triggerAndDelete(1);
    await make(1);
    await taken(5);
    // As many runs of its own as it likes, and Temporal waits for none of them when it is replaced.
    const often = {
      ...weekly(4),
      spec: { cron: '0 * * * *', timeZone: 'UTC' },
      plan: { vendor: 'aws-ivs', duration: '3h' },
    };
    const { runsAtOnce } = await schedules.create({ ...often, overlap: 'allow-all' });
    expect(runsAtOnce).toBeGreaterThan(2);
    await taken(5 + runsAtOnce);
    await schedules.trigger(often.scheduleId);
    await taken(5 + runsAtOnce + 1);
    expect(await schedules.placesToUpdate({ ...often, overlap: 'allow-all', note: 'news' })).toBe(0);
    expect(await schedules.placesToUpdate({ ...often, overlap: 'skip' })).toBe(0);
    const longer = { ...often, plan: { ...often.plan, duration: '5h' } };
    expect(await schedules.placesToUpdate({ ...longer, overlap: 'allow-all' })).toBe(2);
    await schedules.update({ ...often, overlap: 'skip' });
    await taken(5 + 1 + 1);
    for (const n of [1, 3, 4]) await schedules.delete(weekly(n).scheduleId);
  });
});

describe('the streams of a tenant', () => {
  it('leave room for others: of one token, of one tenant, of all', async () => {
    const attempts = await Promise.all(Array.from({ length: 20 }, () => openStream('viewer@acme')));
    expect(attempts.filter(({ status }) => status === 200)).toHaveLength(2);
    const other = await openStream('operator@acme');
    const third = await openStream('admin@acme');
    expect([other.status, third.status]).toEqual([200, 429]);
    const admin = await openStream('admin');
    expect(admin.status).toBe(200);
    for (const one of [...attempts, other, admin]) one.leave();
    await until(async () => {
      const again = await openStream('viewer@acme');
      again.leave();
      return again.status === 200;
    });
  });
});

describe('the requests of a tenant', () => {
  it('are as many as its quota, with all its tokens together', async () => {
    const busy = await apiHarness(undefined, { quotasOf: () => ({ ...quotas, requestsPerMinute: 4 }) });
    const tokens = ['viewer@acme', 'operator@acme', 'admin@acme', 'viewer@acme', 'operator@acme'];
    const statuses: number[] = [];
    for (const token of tokens) statuses.push((await busy.ask('/v1/me', { token })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    expect((await busy.ask('/v1/me', { token: 'admin@bolt' })).status).toBe(200);
    expect((await busy.ask('/v1/me', { token: 'viewer' })).status).toBe(200);
    await busy.close();
  });
});

describe('a stream whose token moves to another tenant', () => {
  it('ends, and brings nothing more of the first', async () => {
    let tenant = 'before';
    const moving = await apiHarness(undefined, {
      auth: { identify: async () => ({ name: 'ann', permissions: ['viewer'], tenant }) },
      limits: { heartbeatMs: 50 },
    });
    const response = await fetch(`${moving.url}/v1/stream`);
    expect(response.status).toBe(200);
    tenant = 'after';
    expect(await response.text()).toContain('retry:');
    await moving.close();
  });
});
