import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventGrid } from '../../../../simulators/azure-media-services/event-grid.ts';
import type { Subscription } from '../../../../simulators/azure-media-services/event-grid-delivery.ts';
import { type RunningHttpServer, startHttpServer } from '../../../../simulators/kit/http-server.ts';
import type { SimRequest, SimResponse } from '../../../../simulators/kit/types.ts';
import { until } from '../../../support/until.ts';

type Body = Record<string, unknown>;

/** An endpoint that agrees to everything and answers deliveries as configured. */
let endpoint: RunningHttpServer;
let received: { body: Body | Body[]; headers: SimRequest['headers'] }[];
let answers: number[];
let agrees: boolean;
let grid: EventGrid;
let said: string[];

beforeEach(async () => {
  received = [];
  answers = [];
  agrees = true;
  said = [];
  endpoint = await startHttpServer({ respond: async (req) => answer(req) });
  const log = (operation: string, status: number, note: string) => said.push(`${operation} ${status} ${note}`);
  grid = new EventGrid({ topic: '/topic', slowness: 1, log });
});
afterEach(async () => {
  grid.close();
  await endpoint.close();
});

function answer(req: SimRequest): SimResponse {
  if (req.method === 'OPTIONS') {
    return agrees ? { status: 200, headers: { 'webhook-allowed-origin': 'eventgrid.azure.net' } } : { status: 200 };
  }
  const body = JSON.parse(req.body.toString('utf8'));
  if (req.headers['aeg-event-type'] === 'SubscriptionValidation') {
    const { validationCode } = body[0].data;
    return { status: 200, body: JSON.stringify({ validationResponse: agrees ? validationCode : 'another' }) };
  }
  received.push({ body, headers: req.headers });
  return { status: answers.shift() ?? 200 };
}

const subscription = (overrides: Partial<Subscription> = {}): Subscription => ({
  name: 'subscription',
  endpointUrl: `${endpoint.url}/hook`,
  schema: 'EventGridSchema',
  maxEventsPerBatch: 1,
  headers: { 'x-token': 'secret' },
  maxAttempts: 30,
  ttlMs: 60_000,
  behaviour: { spelling: 'example', duplicates: 0, shuffleOf: 1, secondMs: 0.1 },
  ...overrides,
});

const publish = (...names: string[]) => {
  for (const liveEvent of names) grid.publish({ type: 'LiveEventEncoderConnected', liveEvent, at: 0, data: {} });
};
const subjects = () => received.flatMap(({ body }) => [body].flat().map(({ subject }) => subject));

describe('Event Grid', () => {
  it.each(['EventGridSchema', 'CloudEventSchemaV1_0'] as const)(
    'sends only to endpoints that agreed (%s)',
    async (schema) => {
      agrees = false;
      expect(await grid.subscribe(subscription({ schema }))).toBe(false);
      agrees = true;
      expect(await grid.subscribe(subscription({ schema }))).toBe(true);
      publish('a');
      await until(() => received.length > 0);
      expect(received[0]?.headers).toMatchObject({ 'x-token': 'secret', 'aeg-event-type': 'Notification' });
      expect(Array.isArray(received[0]?.body)).toBe(schema === 'EventGridSchema');
    },
  );

  it('sends batches, and CloudEvents one by one', async () => {
    await grid.subscribe(subscription({ maxEventsPerBatch: 2 }));
    publish('a', 'b', 'c');
    await until(() => received.length >= 2);
    expect(received.map(({ body }) => [body].flat().length).sort()).toEqual([1, 2]);
    received = [];
    await grid.subscribe(subscription({ maxEventsPerBatch: 2, schema: 'CloudEventSchemaV1_0' }));
    publish('a', 'b', 'c');
    await until(() => received.length >= 3);
    expect(subjects().sort()).toEqual(['liveEvent/a', 'liveEvent/b', 'liveEvent/c']);
  });

  it('comes twice with one id, and in another order', async () => {
    const behaviour = { spelling: 'table' as const, duplicates: 1, shuffleOf: 3, secondMs: 0.1 };
    await grid.subscribe(subscription({ maxEventsPerBatch: 10, behaviour }));
    publish('a', 'b', 'c');
    await until(() => received.length >= 2);
    expect(subjects()).toEqual(['c', 'b', 'a', 'c', 'b', 'a'].map((name) => `/LiveEvents/${name}`));
    const ids = received.map(({ body }) => [body].flat().map(({ id }) => id));
    expect(ids[0]).toEqual(ids[1]);
  });

  it.each([500, 503, 404, 408, 429, 302])('comes again after %i, until it is taken', async (status) => {
    await grid.subscribe(subscription());
    answers = [status, status];
    publish('a');
    await until(() => received.length >= 3);
    await until(() => said.some((line) => line.includes('200 LiveEventEncoderConnected, attempt 3')));
    const ids = received.map(({ body }) => [body].flat()[0]?.id);
    expect(new Set(ids).size).toBe(1);
  });

  it.each([400, 401, 403, 413])('never comes again after %i', async (status) => {
    await grid.subscribe(subscription());
    answers = [status];
    publish('a');
    await until(() => said.includes('eventgrid:Drop 0 LiveEventEncoderConnected'));
    expect(received).toHaveLength(1);
  });

  it('gives up after its attempts, and after its time', async () => {
    answers = Array.from({ length: 20 }, () => 500);
    await grid.subscribe(subscription({ maxAttempts: 2 }));
    publish('a');
    await until(() => said.some((line) => line.startsWith('eventgrid:Drop')));
    expect(received).toHaveLength(2);
    said = [];
    await grid.subscribe(subscription({ ttlMs: 0 }));
    publish('b');
    await until(() => said.some((line) => line.startsWith('eventgrid:Drop')));
    expect(received).toHaveLength(3);
  });
});
