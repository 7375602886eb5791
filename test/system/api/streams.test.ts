import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

const { vendor, activities } = fakeVendor();
let api: ApiHarness;
/** How often Temporal was asked for the status of an event. */
const questions = new Map<string, number>();

beforeAll(async () => {
  api = await apiHarness(activities, { limits: { heartbeatMs: 50 } });
  const { showcaller } = api.environment;
  const ask = showcaller.status.bind(showcaller);
  showcaller.status = (eventId) => {
    questions.set(eventId, (questions.get(eventId) ?? 0) + 1);
    return ask(eventId);
  };
});
afterAll(() => api?.close());

interface Message {
  event: string;
  id: string;
  data: Record<string, unknown>;
}

/** What a real client of server-sent events receives. */
function watch(path: string, token = 'viewer') {
  const messages: Message[] = [];
  const errors: (number | undefined)[] = [];
  const source = new EventSource(`${api.url}${path}`, {
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${api.token(token)}` } }),
  });
  for (const event of ['status', 'end', 'problem', 'snapshot', 'event', 'gone']) {
    source.addEventListener(event, ({ data, lastEventId }) =>
      messages.push({ event, id: lastEventId, data: JSON.parse(data) }),
    );
  }
  source.addEventListener('error', ({ code }) => errors.push(code));
  onTestFinished(() => source.close());
  return { source, messages, errors };
}

async function create(overrides = {}): Promise<string> {
  const plan = planFor({ duration: '30s', ...overrides });
  expect((await api.ask('/v1/events', { token: 'operator', body: plan })).status).toBe(201);
  return plan.eventId;
}
const phasesOf = (messages: Message[]) =>
  messages.filter(({ event }) => event === 'status').map(({ data }) => (data as unknown as EventStatus).phase);

describe('the stream of an event', () => {
  it('sends each change once, ends after the report, and is not opened again', async () => {
    const eventId = await create();
    const { messages, errors, source } = watch(`/v1/events/${eventId}/stream`);
    await until(() => phasesOf(messages).includes('waiting-for-encoder'));
    vendor.connect(`sc-${eventId}`);
    await until(() => phasesOf(messages).includes('live'));
    await api.ask(`/v1/events/${eventId}/actions/stop`, { token: 'operator', body: { reason: 'enough' } });
    await until(() => messages.at(-1)?.event === 'end');
    expect(messages.at(-1)?.data).toEqual({ eventId, endReason: 'stopped-by-operator' });
    expect(phasesOf(messages).at(-1)).toBe('completed');
    const ids = messages.filter(({ event }) => event === 'status').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    // The client comes back with the last id; 204 says that this was all.
    await until(() => errors.includes(204));
    expect(source.readyState).toBe(source.CLOSED);
  });

  it('asks Temporal no more for many viewers than for one', async () => {
    const eventId = await create({ startsAt: '2031-01-01T18:00:00Z' });
    const viewers = Array.from({ length: 20 }, () => watch(`/v1/events/${eventId}/stream`));
    await until(() => viewers.every(({ messages }) => messages.length > 0));
    const before = questions.get(eventId) ?? 0;
    await until(() => (questions.get(eventId) ?? 0) >= before + 10);
    // Twenty pollers would be at two hundred by now.
    expect(questions.get(eventId)).toBeLessThan(before + 20);
  });

  it('says that it is there when nothing changes', async () => {
    const eventId = await create({ startsAt: '2031-01-01T18:00:00Z' });
    const { body } = await fetch(`${api.url}/v1/events/${eventId}/stream`, {
      headers: { authorization: `Bearer ${api.token('viewer')}` },
    });
    let text = '';
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes(': still here') && text.includes('data:')) break;
    }
    expect(text).toMatch(/^retry: \d+\n\n/);
    expect(text).toMatch(/\n\nevent: status\nid: \S+\ndata: \{.*\}\n\n/);
    expect(text).toContain('\n\n: still here\n\n');
  });

  it('is not sent to another tenant', async () => {
    const eventId = await create({ startsAt: '2031-01-01T18:00:00Z' });
    expect((await api.ask(`/v1/events/${eventId}/stream`, { token: 'viewer@acme' })).status).toBe(404);
  });
});

describe('the stream of all events', () => {
  it('sends what there is, then what is new and what changes', async () => {
    const first = await create({ startsAt: '2031-01-01T18:00:00Z', tenant: api.tenant });
    await until(async () => {
      const { body } = await api.ask(`/v1/events?tenant=${api.tenant}`, { token: 'viewer' });
      return (body.events as { eventId: string }[]).some(({ eventId }) => eventId === first);
    });
    const { messages } = watch('/v1/stream', 'viewer@acme');
    const snapshot = await until(() => messages[0]);
    expect(snapshot.event).toBe('snapshot');
    expect(snapshot.data.events).toEqual([
      expect.objectContaining({ eventId: first, title: first, encoder: 'waiting', phase: 'scheduled' }),
    ]);
    const second = await create({ tenant: api.tenant });
    const cards = () => messages.filter(({ event, data }) => event === 'event' && data.eventId === second);
    await until(() => cards().some(({ data }) => data.phase === 'waiting-for-encoder'));
    vendor.connect(`sc-${second}`);
    await until(() => cards().some(({ data }) => data.phase === 'live' && data.encoder === 'connected'));
    await api.ask(`/v1/events/${second}/actions/stop`, { token: 'operator', body: { reason: 'enough' } });
    await until(() => cards().some(({ data }) => data.endReason === 'stopped-by-operator'));
    await until(() => cards().some(({ data }) => data.released && (data.proved as string[]).length === 1));
    expect(messages.filter(({ event }) => event === 'snapshot')).toHaveLength(1);
  });
});
