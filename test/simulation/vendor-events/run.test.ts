import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vendorEventDelivery } from '../../../client/vendor-events/deliver.ts';
import type { VendorEvent } from '../../../domain/vendor-events/vendor-event.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
let vendor: ReturnType<typeof fakeVendor>['vendor'];
beforeAll(async () => {
  env = await testEnvironment();
  const fake = fakeVendor();
  vendor = fake.vendor;
  await env.work(fake.activities);
});
afterAll(() => env.close());

const vendorEvent = (id: string, overrides: Partial<VendorEvent> = {}): VendorEvent => ({
  id,
  source: 'topic',
  type: 'EncoderConnected',
  at: Date.now(),
  facts: { encoderIp: '10.0.0.1' },
  ...overrides,
});

const handleOf = (eventId: string) => env.client.workflow.getHandle(`live-event/${eventId}`);
const statusOf = (eventId: string) => env.showcaller.status(eventId);

async function waiting(): Promise<string> {
  const plan = planFor({ duration: '10m', waits: { firstConnect: '10m' } });
  await env.showcaller.start(plan);
  await until(async () => (await statusOf(plan.eventId).catch(() => undefined))?.phase === 'waiting-for-encoder');
  await until(() => vendor.count('observe', `sc-${plan.eventId}`) > 0);
  return plan.eventId;
}

/** How often a look was cut short for a new one. */
async function cutShort(eventId: string): Promise<number> {
  const { events } = await handleOf(eventId).fetchHistory();
  return (events ?? []).filter((event) => event.activityTaskCancelRequestedEventAttributes).length;
}

async function end(eventId: string): Promise<void> {
  await env.showcaller.stopNow(eventId, { by: 'test', reason: 'enough', keepRecording: false });
  await env.showcaller.result(eventId);
}

describe('a run that waits for its encoder', () => {
  it('looks at once when a vendor event is new, and keeps it', async () => {
    const eventId = await waiting();
    await handleOf(eventId).signal('look', vendorEvent('1'));
    expect((await statusOf(eventId)).hints).toMatchObject([{ id: '1', facts: { encoderIp: '10.0.0.1' } }]);
    expect(await cutShort(eventId)).toBe(1);
    await handleOf(eventId).signal('look', [vendorEvent('2', { at: 1 }), vendorEvent('3')]);
    await until(async () => (await statusOf(eventId)).hints?.length === 3);
    expect((await statusOf(eventId)).hints?.map(({ id }) => id)).toEqual(['2', '1', '3']);
    expect(await cutShort(eventId)).toBe(2);
    await end(eventId);
  });

  it('keeps the newest fifty vendor events, and counts the others', async () => {
    const eventId = await waiting();
    const all = Array.from({ length: 53 }, (_, n) => vendorEvent(String(n), { evidenceOnly: true }));
    await handleOf(eventId).signal('look', all.slice(0, 50));
    expect((await statusOf(eventId)).vendorEventsDropped).toBeUndefined();
    await handleOf(eventId).signal('look', all.slice(50));
    const { hints, vendorEventsDropped } = await statusOf(eventId);
    expect([hints?.length, vendorEventsDropped]).toEqual([50, 3]);
    // Those that the API had no room for come as a number; any Temporal client may send it.
    for (const dropped of [7, -1, 'many', Number.NaN]) await handleOf(eventId).signal('look', [], dropped);
    expect((await statusOf(eventId)).vendorEventsDropped).toBe(10);
    await end(eventId);
  });

  it('looks at once when it is asked to without a word, as ever', async () => {
    const eventId = await waiting();
    await handleOf(eventId).signal('look');
    await statusOf(eventId);
    expect(await cutShort(eventId)).toBe(1);
    expect((await statusOf(eventId)).hints).toBeUndefined();
    await end(eventId);
  });

  it('is left alone by what is evidence only, late, sent again, or not a vendor event', async () => {
    const eventId = await waiting();
    const first = vendorEvent('1', { evidenceOnly: true });
    const late = vendorEvent('2', { at: Date.now() - 3_600_000 });
    const none = ['text', 7, true, {}, { id: '9' }, [null, 'x'], { ...vendorEvent('8'), at: 'noon' }];
    for (const sent of [first, first, late, late, ...none]) await handleOf(eventId).signal('look', sent);
    expect((await statusOf(eventId)).hints?.map(({ id }) => id)).toEqual(['2', '1']);
    expect(await cutShort(eventId)).toBe(0);
    await end(eventId);
  });
});

describe('a run at any other time', () => {
  it('keeps vendor events, and changes nothing', async () => {
    const plan = planFor({ startsAt: new Date(Date.now() + 3_600_000).toISOString(), duration: '10m' });
    await env.showcaller.start(plan);
    await until(async () => (await statusOf(plan.eventId).catch(() => undefined))?.phase === 'scheduled');
    await handleOf(plan.eventId).signal('look', vendorEvent('1'));
    const status = await statusOf(plan.eventId);
    expect(status.phase).toBe('scheduled');
    expect(status.hints).toHaveLength(1);
    expect(vendor.count('observe', `sc-${plan.eventId}`)).toBe(0);
    await env.showcaller.stopNow(plan.eventId, { by: 'test', reason: 'enough', keepRecording: false });
  });
});

describe('delivery to the runs of a namespace', () => {
  it('finds the event by its channel, and none by a channel that is no key', async () => {
    const eventId = await waiting();
    const delivery = vendorEventDelivery(env.client, { unknownMs: 0 });
    const deliveredTo = async (vendor: string, channel: string, event: VendorEvent) =>
      (await delivery.deliver(vendor, [{ channel, vendorEvent: event }])).delivered;
    const channel = `sc-${eventId}`;
    // The channel is found as soon as the server's index has it.
    await until(async () => (await deliveredTo('alibaba-oss', channel, vendorEvent('1'))) === 1);
    expect(await deliveredTo('aws-ivs', channel, vendorEvent('2'))).toBe(0);
    for (const other of ['sc-nobody', "' OR ShowcallerVendor = 'alibaba-oss", '', 'x'.repeat(5000), `${channel}\n`]) {
      expect(await deliveredTo('alibaba-oss', other, vendorEvent('3'))).toBe(0);
    }
    await until(async () => (await statusOf(eventId)).hints?.length === 1);
    await end(eventId);
    expect(await deliveredTo('alibaba-oss', channel, vendorEvent('4'))).toBe(0);
  });
});
