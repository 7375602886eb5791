import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { ingestEndpoints } from '../../../vendors/ingest.ts';
import { ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

const by = { by: 'tester', reason: 'all is seen' };
/** Each vendor once as the one that fails and once as the one that takes over. */
const pairs = vendorNames.map((a, at) => [a, vendorNames[(at + 1) % vendorNames.length] ?? a] as const);

let harness: ShowHarness;
beforeAll(async () => {
  harness = await ShowHarness.open();
  await harness.work();
});
afterAll(() => harness.close());

/** A show of two legs whose encoder has two outputs. */
async function twoLegs(a: string, b: string) {
  const { vendor: _, ...plan } = planFor({
    duration: '5m',
    warmUp: '0s',
    startLead: '0s',
    waits: { encoderLost: '60s' },
  });
  const { eventId } = plan;
  const legs = [
    { name: 'main', vendor: a },
    { name: 'backup', vendor: b },
  ];
  const { showcaller } = harness.env;
  await showcaller.start({ ...plan, legs, failover: { dark: '3s' } });
  const status = (is: (now: EventStatus) => boolean) =>
    until(async () => {
      const now = await showcaller.status(eventId).catch(() => undefined);
      return now && is(now) && now;
    });
  const encoder = async (at: 0 | 1) => {
    const now = await status(({ legs: all }) => all?.[at]?.status?.phase === 'waiting-for-encoder');
    const channel = now.legs?.[at]?.status?.channel;
    if (!channel) throw new Error('the leg is open and has no channel');
    const [endpoint] = await ingestEndpoints(harness.drivers, channel);
    return harness.encoder(endpoint?.url ?? '');
  };
  const isLive = (at: 0 | 1) => status(({ legs: all }) => all?.[at]?.status?.phase === 'live');
  return { eventId, status, encoder, isLive, result: () => showcaller.result(eventId) };
}

describe.concurrent.each(pairs)('an encoder that sends to %s and to %s', (a, b) => {
  it('loses the first, and viewers are sent to the second; both are clean and one recording is proved', async () => {
    const event = await twoLegs(a, b);
    const first = await event.encoder(0);
    await event.isLive(0);
    await event.encoder(1);
    await event.isLive(1);
    await first.drop();
    await event.status(({ legsOnAir }) => legsOnAir?.at(-1)?.leg === 'backup');
    await harness.env.showcaller.stopNow(event.eventId, by);
    const report = await event.result();
    expect(report).toMatchObject({ phase: 'completed', endReason: 'stopped-by-operator', released: true });
    expect(report.legsOnAir?.map(({ leg }) => leg)).toEqual(['main', 'backup']);
    expect(report.legs?.[1]?.status?.vod.map(({ proof }) => proof.proved)).toEqual([true]);
    expect(report.recording?.some(({ leg }) => leg === 'backup')).toBe(true);
    for (const vendor of [a, b])
      expect(harness.left(vendor).filter(({ name }) => name.includes(event.eventId))).toEqual([]);
  });
});

it('lists the event without its legs on a real server', async () => {
  const [[a, b] = ['', '']] = pairs;
  const event = await twoLegs(a, b);
  await event.status(({ legs }) => legs?.every(({ status }) => status?.channel) ?? false);
  const listed = await until(async () => {
    const ids: string[] = [];
    for await (const { eventId } of harness.env.showcaller.list({ limit: 50 })) ids.push(eventId);
    return ids.includes(event.eventId) && ids;
  });
  expect(listed.filter((id) => id.startsWith(`${event.eventId}@`))).toEqual([]);
  await harness.env.showcaller.cancel(event.eventId);
  expect((await event.result()).endReason).toBe('cancelled');
});
