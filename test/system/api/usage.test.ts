import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

const { vendor, activities } = fakeVendor();
let api: ApiHarness;
const prices = {
  currency: 'EUR',
  asOf: '2026-11-01',
  prices: [{ vendor: 'alibaba-oss', resource: 'live channel', state: 'input' as const, perHour: 3_600 }],
};
const from = new Date(Date.now() - 60_000).toISOString();
const span = () => `from=${from}&to=${new Date(Date.now() + 60_000).toISOString()}`;

async function show(token: string, changed: Parameters<typeof planFor>[0] = {}): Promise<string> {
  const plan = planFor(changed);
  expect((await api.ask('/v1/events', { token, body: plan })).status).toBe(201);
  const status = () => api.ask(`/v1/events/${plan.eventId}`, { token }).then(({ body }) => body);
  await until(async () => (await status()).phase === 'waiting-for-encoder');
  const { channel } = (await status()) as { channel?: { ref: { name: string } } };
  vendor.connect(channel?.ref.name ?? '');
  await until(async () => (await status()).phase === 'completed');
  return plan.eventId;
}

let acmes: string;
let bolts: string;

beforeAll(async () => {
  // Asks about all events there are.
  api = await apiHarness(activities, { prices }, { server: 'own' });
  [acmes, bolts] = (await Promise.all([show('operator@acme'), show('admin@bolt')])) as [string, string];
  // Visibility is a moment behind.
  await until(async () => {
    const { body } = await api.ask(`/v1/usage?${span()}&by=tenant`, { token: 'viewer' });
    // A problem, where a run does not answer in time.
    const keys = ((body.rows ?? []) as { key: string }[]).map(({ key }) => key);
    return keys.includes(api.tenant) && keys.includes(api.otherTenant);
  });
});
afterAll(() => api?.close());

describe('usage', () => {
  it('is what a tenant used itself, and nothing of another', async () => {
    const { status, body } = await api.ask(`/v1/usage?${span()}&by=tenant`, { token: 'viewer@acme' });
    expect(status).toBe(200);
    expect(body.rows).toMatchObject([{ key: api.tenant, vendor: 'alibaba-oss', resource: 'live channel', events: 1 }]);
    expect(JSON.stringify(body)).not.toContain(bolts);
    const foreign = await api.ask(`/v1/usage?${span()}&by=tenant&tenant=${api.otherTenant}`, { token: 'viewer@acme' });
    expect(foreign.status).toBe(403);
    expect((await api.ask(`/v1/events/${bolts}/usage`, { token: 'viewer@acme' })).status).toBe(404);
  });

  it('of an event is its spans, and their sum is what the list has, with money', async () => {
    const one = await api.ask(`/v1/events/${acmes}/usage`, { token: 'viewer@acme' });
    const spans = one.body.spans as { from: number; to: number }[];
    const ms = spans.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(ms).toBeGreaterThan(0);
    const { body } = await api.ask(`/v1/usage?${span()}&by=tenant`, { token: 'viewer@acme' });
    const [row] = body.rows as { minutes: number; money: number }[];
    expect(row?.minutes).toBeCloseTo(ms / 60_000, 5);
    expect(row?.money).toBeCloseTo(ms / 1_000, 3);
    expect(body).toMatchObject({ currency: 'EUR', pricesAsOf: '2026-11-01' });
    expect(JSON.stringify(body.unknown)).toContain('does not count them by channel');
  });

  it('of a later month asks the newest events of each account of a vendor whose events share something', async () => {
    await show('operator@acme', { vendor: 'azure-media-services' });
    const day = 86_400_000;
    const [from, to] = [2, 3].map((days) => new Date(Date.now() + days * day).toISOString());
    const { status, body } = await api.ask(`/v1/usage?from=${from}&to=${to}&by=account`, { token: 'viewer@acme' });
    expect({ status, rows: body.rows }).toEqual({ status: 200, rows: [] });
  });

  it('is refused for a span that ends before it begins, and without a token', async () => {
    const wrong = await api.ask(`/v1/usage?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`, { token: 'viewer' });
    expect(wrong.status).toBe(400);
    expect((await api.ask(`/v1/usage?${span()}`)).status).toBe(401);
    expect((await api.ask(`/v1/usage?${span()}`, { token: 'hook' })).status).toBe(403);
  });
});
