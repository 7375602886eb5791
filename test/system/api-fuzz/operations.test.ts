import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { permissions } from '../../../api/auth/permissions.ts';
import type { ApiDeps } from '../../../api/deps.ts';
import { hangsAfterMs } from '../../support/hangs.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { type Answer, type ApiHarness, apiHarness } from '../api/api-harness.ts';
import { expectDeclared } from './declared.ts';
import { operations } from './document.ts';
import { type Existing, mistakenRequests, type Request, rightRequests } from './requests.ts';

/** How often each operation is asked, rightly and wrongly; the seed of what failed is printed. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 6);
const seed = Number(process.env.FUZZ_SEED ?? 11);
const timeout = Math.max(hangsAfterMs, numRuns * 1_000);

const { vendor, activities } = fakeVendor();
let api: ApiHarness;
const schedules = new Set<string>();

beforeAll(async () => {
  const deps: Partial<ApiDeps> = {
    ingest: (channel) => vendor.driver('default').ingest(channel),
    limits: { requestsPerPrincipal: 1e6, requestsPerAddress: 1e6 },
    auth: { identify: async () => ({ name: 'fuzz', permissions }) },
  };
  api = await apiHarness(activities, deps, { server: 'own' });
});
afterEach(async () => {
  for (const id of schedules) await api.ask(`/v1/schedules/${id}`, { method: 'DELETE' });
  schedules.clear();
});
afterAll(() => api?.close());

/** Streams do not end; they have their own tests. */
const asked = operations.filter(({ path }) => !path.endsWith('/stream'));

/** These have rules that no schema can express: instants that follow each other, a clock, a cursor that was given out, a longest time. */
const moreRules = [
  'createEvent',
  'createSchedule',
  'updateSchedule',
  'listEvents',
  'listSchedules',
  'getViewerAddress',
  'checkPlan',
  'getUsage',
];

async function existing(): Promise<Existing> {
  const later = planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {} });
  expect((await api.ask('/v1/events', { body: later })).status).toBe(201);
  const scheduleId = `s-${randomUUID()}`;
  const plan = { vendor: 'aws-ivs', duration: '30m' };
  const spec = { cron: '0 20 * * sun', timeZone: 'UTC' };
  const made = await api.ask('/v1/schedules', { body: { scheduleId, plan, spec, overlap: 'skip' } });
  expect(made.status).toBe(201);
  schedules.add(scheduleId);
  return { eventId: later.eventId, scheduleId, watchId: later.eventId, name: 'v0.m3u8' };
}

async function answerTo({ url, asked: how }: Request): Promise<Answer> {
  const answer = await api.ask(url, how);
  if (answer.status === 201 && answer.body.scheduleId) schedules.add(String(answer.body.scheduleId));
  return answer;
}

describe('every operation of the document', () => {
  it.each(asked)('answers $method $path as declared when it is asked as declared', { timeout }, async (operation) => {
    const there = operation.path.includes('{') ? await existing() : {};
    await fc.assert(
      fc.asyncProperty(rightRequests(operation, there), async (request) => {
        const answer = await answerTo(request);
        expect(answer.status, answer.text).toBeLessThan(500);
        expectDeclared(operation, answer);
        const refused = answer.status === 400 || answer.status === 422;
        if (!moreRules.includes(operation.id)) expect(refused, answer.text).toBe(false);
      }),
      { numRuns, seed },
    );
  });

  it.each(asked)('refuses a mistake in $method $path, and does nothing', { timeout }, async (operation) => {
    const there = operation.path.includes('{') ? await existing() : {};
    const mistaken = mistakenRequests(operation, there);
    if (!mistaken) return;
    await fc.assert(
      fc.asyncProperty(mistaken, async ({ where, ...request }) => {
        const answer = await answerTo(request);
        expect(where === 'body' ? [422] : [400, 414], answer.text).toContain(answer.status);
        expectDeclared(operation, answer);
      }),
      { numRuns: numRuns * 2, seed },
    );
  });
});
