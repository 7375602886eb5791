import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import { testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

let api: ApiHarness;

beforeAll(async () => {
  const { activities } = fakeVendor();
  // A schedule is compared with all schedules there are.
  api = await apiHarness(undefined, {}, { server: 'own' });
  const { client, taskQueue } = api.environment;
  const bookings = new Bookings(client, { taskQueue });
  await api.environment.work({
    ...activities,
    bookUses: (request) => bookings.book(request),
    releaseUses: (of) => bookings.release(of),
  });
});
afterAll(() => api?.close());

const later = (overrides = {}) =>
  planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {}, ...overrides });
const create = (plan: unknown, token = 'operator') => api.ask('/v1/events', { token, body: plan });
const use = () => `studio-${randomUUID().slice(0, 8)}`;

it('gives a use to one of fifty creations at the same moment, and says to each other who has it', async () => {
  const studio = use();
  const answers = await Promise.all(Array.from({ length: 50 }, () => create(later({ uses: [studio, 'encoder-3'] }))));
  const won = answers.filter(({ status }) => status === 201);
  const lost = answers.filter(({ status }) => status === 409);
  expect([won.length, lost.length]).toEqual([1, 49]);
  const winner = won[0]?.body.eventId;
  for (const { body } of lost) {
    expect(body.type).toBe('urn:showcaller:problem:already-booked');
    expect(body.conflicts).toContainEqual({
      use: studio,
      eventId: winner,
      from: '2031-01-01T18:00:00.000Z',
      to: '2031-01-01T19:00:00.000Z',
    });
  }
});

it('keeps the uses of tenants apart', async () => {
  const studio = use();
  expect((await create(later({ uses: [studio] }), 'operator@acme')).status).toBe(201);
  expect((await create(later({ uses: [studio] }), 'admin@bolt')).status).toBe(201);
  expect((await create(later({ uses: [studio] }), 'operator@acme')).status).toBe(409);
});

it('reports at the creation of a schedule what its next shows meet', async () => {
  const studio = use();
  const startsAt = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 0, 1, 18)).toISOString();
  expect((await create(later({ startsAt, uses: [studio] }))).status).toBe(201);
  const schedule = (calendar: object) => ({
    scheduleId: `s-${randomUUID().slice(0, 8)}`,
    overlap: 'skip',
    spec: { timeZone: 'UTC', calendars: [calendar] },
    plan: { vendor: 'alibaba-oss', duration: '1h', uses: [studio] },
  });
  const first = await api.ask('/v1/schedules', {
    token: 'admin',
    body: schedule({ month: 1, dayOfMonth: 1, hour: 18, minute: 30 }),
  });
  expect(first.status).toBe(201);
  expect(first.body.warnings).toHaveLength(1);
  expect(JSON.stringify(first.body.warnings)).toContain(`${studio} is held by the event t-`);
  const second = await api.ask('/v1/schedules', {
    token: 'admin',
    body: schedule({ month: 1, dayOfMonth: 1, hour: 19, minute: 0 }),
  });
  expect(JSON.stringify(second.body.warnings)).toContain(`the event ${first.body.scheduleId}-`);
});

it('starts nothing while no worker can book', async () => {
  const alone = await testEnvironment();
  const started = alone.showcaller.start(later({ uses: [use()] }));
  await expect(started).rejects.toThrow('no worker answers');
  await alone.close();
});
