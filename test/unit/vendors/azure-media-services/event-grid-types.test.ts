import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readVendorEvent } from '../../../../domain/vendor-events/vendor-event.ts';
import { read } from '../../../../vendors/azure-media-services/vendor-events.ts';
import { catalogue, cloudEvent, type Example, gridEvent, topic } from '../../../support/event-grid-catalogue.ts';
import { hookServer, Letterbox, token, viewerToken } from '../../../support/vendor-events-harness.ts';

const url = `/hooks/azure-media-services?token=${token}`;

let app: FastifyInstance;
let box: Letterbox;

beforeAll(async () => {
  box = new Letterbox();
  app = await hookServer({ delivery: box });
});
afterAll(() => app.close());
beforeEach(() => {
  box.messages.length = 0;
  box.failing = false;
});

const json = { 'content-type': 'application/json; charset=utf-8' };
const post = (payload: unknown, headers: Record<string, string> = json, to = url) =>
  app.inject({ method: 'POST', url: to, headers, payload: JSON.stringify(payload) });

describe('the 25 types of Media Services events', () => {
  it('are all here', () => {
    expect(new Set(catalogue.map(({ type }) => type)).size).toBe(25);
  });

  it.each(catalogue)(
    '$type is understood in both schemas: $note',
    async ({ type, data, facts, look, subject }: Example) => {
      for (const [body, contentType] of [
        [[gridEvent(type, data, { subject })], json['content-type']],
        [cloudEvent(type, data, { subject }), 'application/cloudevents+json; charset=utf-8'],
      ] as const) {
        box.messages.length = 0;
        const answer = await post(body, { 'content-type': contentType });
        expect(answer.statusCode).toBe(200);
        if (!facts) {
          expect(box.messages).toEqual([]);
          expect(answer.json()).toMatchObject({ ignored: 1 });
          continue;
        }
        const [message] = box.messages;
        expect(message?.channel).toBe('sc-show');
        expect(message?.vendorEvent).toMatchObject({ type, source: topic.toLowerCase(), facts });
        expect(Object.keys(message?.vendorEvent.facts ?? {}).sort()).toEqual(Object.keys(facts).sort());
        expect(message?.vendorEvent.evidenceOnly).toBe(look ? undefined : true);
        expect(readVendorEvent(message?.vendorEvent, Date.now())?.facts).toEqual(facts);
      }
    },
  );
});

describe('what the sender may get wrong', () => {
  const connected = (more: Record<string, unknown> = {}) =>
    gridEvent('LiveEventEncoderConnected', { encoderIp: '10.0.0.1' }, { subject: 'liveEvent/sc-show' }, more);

  it('an instant without a Z is one of UTC', async () => {
    await post([connected({ eventTime: '2026-11-20T18:00:00.1234567' })]);
    expect(box.messages[0]?.vendorEvent.at).toBe(Date.parse('2026-11-20T18:00:00.123Z'));
  });

  it.each(['liveEvent/sc-show', '/LiveEvents/sc-show', 'liveevents/sc-show', '/liveEvent/sc-show/more'])(
    'the subject %s names the live event sc-show',
    async (subject) => {
      await post([connected({ subject })]);
      expect(box.messages[0]?.channel).toBe('sc-show');
    },
  );

  it('an element that cannot be read leaves the rest of its batch alone', async () => {
    const broken = [
      null,
      7,
      'x',
      [],
      {},
      connected({ eventTime: 'yesterday' }),
      connected({ id: 5 }),
      connected({ subject: 1 }),
    ];
    const answer = await post([...broken, connected()]);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ delivered: 1, known: 0, unknown: 0, malformed: 0, ignored: broken.length });
  });

  it('one object without its list, and a list of CloudEvents, are taken as well', async () => {
    await post(connected());
    await post([cloudEvent('LiveEventEncoderConnected', {}, { subject: 'liveEvent/sc-show' })], {
      'content-type': 'application/cloudevents-batch+json',
    });
    expect(box.messages).toHaveLength(2);
  });

  it('neither the ingest URL nor the stream is kept', async () => {
    const data = {
      ingestUrl: 'rtmp://host.example:1935/live/0123456789abcdef',
      streamId: 'my-stream',
      encoderIp: '::1',
    };
    await post([gridEvent('LiveEventEncoderConnected', data, { subject: 'liveEvent/sc-show' })]);
    expect(box.messages[0]?.vendorEvent.facts).toEqual({ encoderIp: '::1', ingestHost: 'host.example' });
  });
});

describe('the route of Event Grid', () => {
  const validation = [
    {
      id: '1',
      topic,
      subject: '',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      eventTime: '2026-11-20T18:00:00Z',
      data: { validationCode: 'CODE-1', validationUrl: 'http://127.0.0.1:9/never' },
      dataVersion: '2',
    },
  ];

  it('answers a validation event with its code and 200', async () => {
    const answer = await post(validation, { ...json, 'aeg-event-type': 'SubscriptionValidation' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { validationResponse: 'CODE-1' }]);
  });

  it('grants the origin that asks by OPTIONS, and a rate if one was asked', async () => {
    const headers = { 'webhook-request-origin': 'eventgrid.azure.net', 'webhook-request-rate': '120' };
    const answer = await app.inject({ method: 'OPTIONS', url, headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'webhook-allowed-origin': 'eventgrid.azure.net',
      'webhook-allowed-rate': '*',
      allow: 'POST',
    });
    expect((await app.inject({ method: 'OPTIONS', url })).statusCode).toBe(400);
  });

  it('refuses requests without the right token: validations and events', async () => {
    const bare = '/hooks/azure-media-services';
    for (const to of [bare, `${bare}?token=wrong`, `${bare}?token=`]) {
      expect((await post(validation, json, to)).statusCode).toBe(401);
      expect((await app.inject({ method: 'OPTIONS', url: to })).statusCode).toBe(401);
    }
    expect((await post(validation, json, `${bare}?token=${viewerToken}`)).statusCode).toBe(403);
    expect((await post([], { ...json, authorization: `Bearer ${token}` }, bare)).statusCode).toBe(200);
    expect(box.messages).toEqual([]);
  });

  it('asks the sender to come again when Temporal does not answer', async () => {
    box.failing = true;
    const answer = await post([gridEvent('LiveEventEncoderConnected', {}, { subject: 'liveEvent/sc-show' })]);
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBeDefined();
  });

  it('takes types it does not know, and refuses only what can never be valid', async () => {
    expect((await post([gridEvent('SomethingNew', {}, { subject: 'liveEvent/x' })])).statusCode).toBe(200);
    expect((await post([])).statusCode).toBe(200);
    expect((await post('text')).statusCode).toBe(400);
    const broken = await app.inject({ method: 'POST', url, headers: json, payload: '{"id":' });
    expect(broken.statusCode).toBe(400);
    const huge = await post([gridEvent('X', { text: 'x'.repeat(3_000_000) }, {})]);
    expect(huge.statusCode).toBe(413);
  });

  it('is there only for vendors that push', async () => {
    for (const name of ['alibaba-oss', 'nobody', '..', 'toString']) {
      expect((await post([], json, `/hooks/${name}?token=${token}`)).statusCode).toBe(404);
    }
  });
});

describe('the topic of a message', () => {
  const settings = { subscriptionId: 'S', resourceGroup: 'R', accountName: 'account' };
  const accounts = [
    { name: 'other', settings: { ...settings, accountName: 'other' } },
    { name: 'main', settings },
  ];
  const request = { method: 'POST', headers: {}, query: {}, raw: '', receivedAt: Date.now() };
  const readWith = (given: typeof accounts, from: string, make: typeof gridEvent | typeof cloudEvent = gridEvent) => {
    const event = make('LiveEventEncoderConnected', {}, { subject: 'liveEvent/sc-show' });
    const named = { ...event, ...('topic' in event ? { topic: from } : { source: from }) };
    return read({ ...request, body: [named], accounts: given });
  };

  it.each([gridEvent, cloudEvent])('says which account it comes from', (make) => {
    for (const from of [topic, topic.toUpperCase(), topic.replace('MediaServices', 'mediaservices')])
      expect(readWith(accounts, from, make)).toMatchObject({ messages: [{ channel: 'sc-show', account: 'main' }] });
  });

  it.each([
    topic.replace('/S/', '/T/'),
    topic.replace('/R/', '/Q/'),
    `${topic}2`,
    '/subscriptions/S/resourceGroups/R/providers/Microsoft.EventGrid/topics/account',
    'account',
    '',
  ])('of another account is no reason to look: %s', (from) => {
    expect(readWith(accounts, from)).toEqual({ kind: 'messages', messages: [], ignored: 1 });
  });

  it('says nothing where no account is configured', () => {
    expect(readWith([], topic)).toMatchObject({ messages: [{ channel: 'sc-show' }] });
  });
});
