import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type VendorEventDelivery, vendorEventDelivery } from '../../../client/vendor-events/deliver.ts';
import type { EventStatus } from '../../../domain/report.ts';
import type { VendorEvent } from '../../../domain/vendor-events/vendor-event.ts';
import { ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { hookServer, listening, token } from '../../support/vendor-events-harness.ts';
import { longBefore } from './plans.ts';

const vendor = 'azure-media-services';

let harness: ShowHarness;
let app: FastifyInstance;
let flaky: FastifyInstance;
let hookUrl: string;

beforeAll(async () => {
  harness = await ShowHarness.open({ vendors: [vendor], slowness: 0.05 });
  await harness.work(0.2);
  const delivery = vendorEventDelivery(harness.env.client, { spacingMs: 50 });
  app = await hookServer({ delivery, accounts: harness.accounts });
  hookUrl = `${await listening(app)}/hooks/${vendor}`;
  let outages = 2;
  const deliver: VendorEventDelivery['deliver'] = async (...args) => {
    outages -= 1;
    if (outages >= 0) throw new Error('Temporal is away');
    return delivery.deliver(...args);
  };
  flaky = await hookServer({ delivery: { ...delivery, deliver } });
});
afterAll(async () => {
  await flaky.close();
  await app.close();
  await harness.close();
});

const clientOf = () => harness.simulators.running[0]?.client ?? {};

/** An event subscription as a client of Event Grid makes it. */
async function subscribe(name: string, properties: Record<string, unknown>, url = hookUrl): Promise<Response> {
  const { endpoint, subscriptionId, resourceGroup, accountName, token: bearer } = clientOf();
  const account = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Media/mediaServices/${accountName}`;
  const path = `${account}/providers/Microsoft.EventGrid/eventSubscriptions/${name}?api-version=2022-06-15`;
  const destination = { endpointType: 'WebHook', properties: { endpointUrl: url, maxEventsPerBatch: 10 } };
  return fetch(`${endpoint}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ properties: { destination, ...properties } }),
  });
}

const deliveries = () => harness.simulators.kit.log.entries({ vendor, operation: 'eventgrid:Deliver' });

const vendorEventsOf = ({ hints = [] }: EventStatus, type: string): VendorEvent[] =>
  hints.filter((event) => event.type === type);

describe('a show on a media account with Event Grid', () => {
  it('is refused a subscription with a wrong token, and gets one with the right one, in both schemas', async () => {
    expect((await subscribe('forged', {}, `${hookUrl}?token=wrong`)).status).toBe(400);
    const withToken = `${hookUrl}?token=${token}`;
    expect((await subscribe('grid', { rehearsal: { duplicates: 1, shuffleOf: 1 } }, withToken)).status).toBe(201);
    const cloud = { eventDeliverySchema: 'CloudEventSchemaV1_0', rehearsal: { spelling: 'table', duplicates: 1 } };
    expect((await subscribe('cloud', cloud, withToken)).status).toBe(201);
    const flakyUrl = `${await listening(flaky)}/hooks/${vendor}?token=${token}`;
    expect((await subscribe('flaky', { rehearsal: { secondMs: 1 } }, flakyUrl)).status).toBe(201);
  });

  it('sees its encoder because of vendor events, and keeps each once, however often it came', async () => {
    const show = await harness.show(vendor, longBefore());
    await show.reaches('waiting-for-encoder');
    const encoder = await show.connect();
    const url = await show.ingestUrl();
    const live = await show.reaches('live');
    const status = await until(async () => {
      const status = await harness.env.showcaller.status(show.eventId);
      return vendorEventsOf(status, 'LiveEventIngestHeartbeat').length >= 2 && status;
    });
    const [connected, ...more] = vendorEventsOf(status, 'LiveEventEncoderConnected');
    expect(more).toEqual([]);
    expect(connected?.facts).toMatchObject({ encoderIp: '127.0.0.1', ingestHost: '127.0.0.1' });
    // The look that waited for its own time was cut short, and the next one asked the vendor.
    const { raw } = await show.history();
    expect(raw.events?.some((event) => event.activityTaskCancelRequestedEventAttributes)).toBe(true);
    const asked = harness.calls(vendor).filter(({ operation }) => operation === 'LiveEvents_ListGetStatus');
    const first = asked.find(({ at }) => at >= (connected?.at ?? Number.POSITIVE_INFINITY));
    expect(first?.at).toBeLessThanOrEqual(live.entered.live ?? 0);
    await encoder.drop();
    const lost = await show.reaches('encoder-lost');
    expect(lost.encoder).toBe('lost');
    const gone = await until(async () => {
      const status = await harness.env.showcaller.status(show.eventId);
      return vendorEventsOf(status, 'LiveEventEncoderDisconnected')[0];
    });
    // Where Temporal was away, Event Grid came again.
    expect(deliveries().some(({ status }) => status === 503)).toBe(true);
    await until(() => deliveries().some(({ status, note = '' }) => status === 200 && /attempt [2-9]$/.test(note)));
    expect(gone.facts.resultCode).toBe('MPE_CLIENT_TERMINATED_SESSION');
    await show.stopNow();
    const report = await show.result();
    expect(report.endReason).toBe('stopped-by-operator');
    const secrets = [...harness.keys, url];
    expect(secrets.filter((secret) => JSON.stringify(report.hints).includes(secret))).toEqual([]);
    expect(report.hints?.length).toBeLessThanOrEqual(50);
  });
});
