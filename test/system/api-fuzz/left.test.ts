import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from '../api/api-harness.ts';

const { activities } = fakeVendor();
const room = 40;
const leavers = Number(process.env.FUZZ_LEAVERS ?? 200);
let api: ApiHarness;
/** How often Temporal was asked: for the status of an event, by its id, and for the list. */
const asked = new Map<string, number>();
const count = (what: string) => asked.set(what, (asked.get(what) ?? 0) + 1);

beforeAll(async () => {
  api = await apiHarness(activities, { limits: { requestsPerPrincipal: 1e6, streams: room + 1 } });
  const { showcaller } = api.environment;
  const status = showcaller.status.bind(showcaller);
  const page = showcaller.page.bind(showcaller);
  showcaller.status = (eventId) => {
    count(eventId);
    return status(eventId);
  };
  showcaller.page = (request) => {
    count('list');
    return page(request);
  };
});
afterAll(() => api?.close());

async function waiting(): Promise<string> {
  const plan = planFor({ startsAt: '2031-01-01T18:00:00Z', duration: '1h', waits: {} });
  expect((await api.ask('/v1/events', { token: 'operator', body: plan })).status).toBe(201);
  await until(async () => (await api.ask(`/v1/events/${plan.eventId}`, { token: 'viewer' })).body.plan);
  return plan.eventId;
}

interface Opened {
  /** Held, because the garbage collector closes what is not referenced. */
  response: Response;
  leave(): void;
}

async function open(path: string): Promise<Opened> {
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${api.token('viewer')}` };
  const response = await fetch(`${api.url}${path}`, { headers, signal: leaving.signal });
  return { response, leave: () => leaving.abort() };
}

/** Nothing is looked at any more, while an event that is watched is looked at ten times. */
async function nobodyLooks(watched: string, left: string): Promise<void> {
  const looksAtLeft = () => (asked.get(left) ?? 0) + (asked.get('list') ?? 0);
  await until(async () => {
    const [before, from] = [looksAtLeft(), asked.get(watched) ?? 0];
    await until(() => (asked.get(watched) ?? 0) >= from + 10);
    return looksAtLeft() === before;
  });
}

describe('streams that are opened and left', () => {
  it('leave nothing behind, though some left before they were answered', async () => {
    const [eventId, watched] = [await waiting(), await waiting()];
    const watching = await open(`/v1/events/${watched}/stream`);
    const targets = [`/v1/events/${eventId}/stream`, '/v1/stream'];
    for (let left = 0; left < leavers; left += room) {
      const leaving = new AbortController();
      const headers = { authorization: `Bearer ${api.token('viewer')}` };
      const opened = Array.from({ length: room }, (_, i) =>
        fetch(`${api.url}${targets[i % 2]}`, { headers, signal: leaving.signal }).catch(() => undefined),
      );
      // Some are answered by now and some are not.
      await Promise.race(opened);
      leaving.abort();
      await Promise.all(opened);
    }
    await nobodyLooks(watched, eventId);
    // All the room there was is there again.
    const again = await Promise.all(Array.from({ length: room }, () => open(targets[0] ?? '')));
    expect(again.map(({ response }) => response.status)).toEqual(again.map(() => 200));
    const oneMore = await api.ask('/v1/stream', { token: 'viewer' });
    expect([oneMore.status, oneMore.headers.get('retry-after')]).toEqual([503, '5']);
    for (const { leave } of again) leave();
    await nobodyLooks(watched, eventId);
    expect(watching.response.status).toBe(200);
    watching.leave();
  });
});

describe('twenty who stop an event at once', () => {
  it('all get its outcome, and none gets a 404', async () => {
    const eventId = await waiting();
    const stop = () => api.ask(`/v1/events/${eventId}/actions/stop`, { token: 'operator', body: { reason: 'enough' } });
    const answers = await Promise.all(Array.from({ length: 20 }, stop));
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses.has(200)).toBe(true);
    statuses.delete(200);
    statuses.delete(409);
    expect([...statuses]).toEqual([]);
  });
});
