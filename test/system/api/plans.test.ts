import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preflight } from '../../../domain/preflight.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

const { vendor, activities } = fakeVendor();
const found: Preflight = {
  at: 1,
  findings: [{ check: 'permission', message: 'oss:PutLiveChannel is not allowed', advice: 'allow it' }],
  unseen: [{ check: 'subscriber', reason: 'only a worker knows' }],
};
const looked: [string, string | undefined][] = [];
/** Looks of this tenant do not end before that. */
let held: { tenant?: string; until?: Promise<void> } = {};
let api: ApiHarness;
beforeAll(async () => {
  api = await apiHarness(activities, {
    lookAhead: async ({ eventId }, tenant) => {
      looked.push([eventId, tenant]);
      if (tenant !== undefined && tenant === held.tenant) await held.until;
      return found;
    },
  });
});
afterAll(() => api?.close());

const check = (plan: unknown, token = 'operator') => api.ask('/v1/plans/check', { token, body: plan });

describe('checking a plan', () => {
  it('answers with its times and what the look at its account found, and starts nothing', async () => {
    const plan = planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', warmUp: '30m', waits: {} });
    const { status, body } = await check(plan);
    expect(status).toBe(200);
    const startsAt = Date.parse('2031-01-01T18:00:00Z');
    expect(body).toMatchObject({
      eventId: plan.eventId,
      startsAt,
      allocatesAt: startsAt - 1_800_000,
      preflight: found,
    });
    expect(vendor.calls).toEqual([]);
    expect((await api.ask(`/v1/events/${plan.eventId}`, { token: 'viewer' })).status).toBe(404);
  });

  it('refuses a plan with everything that is wrong with it, and looks at no account for it', async () => {
    const before = looked.length;
    const { status, body } = await check({ eventId: 'x', vendor: 'vimeo', duration: 'long' });
    expect(status).toBe(422);
    expect(body.type).toMatch(/:invalid-plan$/);
    expect(looked).toHaveLength(before);
  });

  it('looks with the accounts of the asking tenant, and is for operators', async () => {
    const plan = planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {} });
    expect((await check(plan, 'operator@acme')).status).toBe(200);
    expect(looked.at(-1)).toEqual([plan.eventId, api.tenant]);
    expect((await check(plan, 'viewer')).status).toBe(403);
  });

  it('is done a few at once for a tenant: its flood waits for itself and reaches no vendor', async () => {
    const plan = planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {} });
    let letGo = () => {};
    held = { tenant: api.tenant, until: new Promise((resolve) => (letGo = resolve)) };
    const before = looked.length;
    const flood = Array.from({ length: 30 }, () => check(plan, 'operator@acme'));
    const refused: number[] = [];
    for (const one of flood) void one.then(({ status }) => status === 429 && refused.push(status));
    await until(() => refused.length === 18);
    expect(looked.slice(before)).toHaveLength(2);
    expect((await check(plan, 'admin@bolt')).status).toBe(200);
    expect((await check(plan)).status).toBe(200);
    letGo();
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(12);
  });
});
