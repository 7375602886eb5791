import { describe, expect, it } from 'vitest';
import { type Channel, type ChannelRef, keyOf } from '../../domain/channel.ts';
import { vendors } from '../../vendors/registry.ts';
import { untilPasses } from '../support/until.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach, retried } from './reach.ts';
import { allocateAsManyAsAllowed, eventFor, push, wholeShow } from './show.ts';

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('sees which of many channels an encoder sends to, and lists it in few calls where it can list', () =>
    withHarness(manifest, {}, async ({ driver, ...harness }) => {
      const channels = await startedChannels({ driver, ...harness });
      const [, sending] = channels;
      if (!sending) throw new Error('the account holds no two channels');
      const encoder = await push(driver, sending);
      const expected = channels.map((channel) => (channel === sending ? 'connected' : 'absent'));
      await untilPasses(async () => {
        const seen = await Promise.all(channels.map((channel) => retried(() => driver.observe(channel))));
        expect(seen.map((one) => one.encoder)).toEqual(expected);
      });
      if (driver.listLive) {
        harness.kit.log.clear();
        const live = await driver.listLive();
        expect(live).toMatchObject([{ channel: keyOf(sending.ref), observation: { encoder: 'connected' } }]);
        expect(harness.operations()).toHaveLength(1);
      }
      await encoder.stop();
    }));

  it.concurrent("brings back the vendor's own record of push sessions", () =>
    withHarness(manifest, {}, async (harness) => {
      const began = Date.now() - 1_000;
      const { evidence, windows } = await wholeShow(harness, eventFor(harness, 'history'));
      expect(evidence.sessions.length).toBeGreaterThanOrEqual(windows.length);
      for (const { startedAt, endedAt } of evidence.sessions) {
        expect(startedAt).toBeGreaterThanOrEqual(began);
        expect(endedAt).toBeGreaterThan(startedAt);
        expect(endedAt).toBeLessThanOrEqual(Date.now() + 1_000);
      }
    }));
});

const many = 12;

async function startedChannels(harness: ContractHarness): Promise<Channel[]> {
  const eventIds = Array.from({ length: many }, (_, i) => `many-${i}`);
  const refs: ChannelRef[] = await allocateAsManyAsAllowed(harness, eventIds);
  const channels: Channel[] = [];
  for (const eventId of eventIds.slice(0, refs.length)) {
    const channel = await reach(() => harness.driver.allocate(eventFor(harness, eventId)));
    await reach(() => harness.driver.start(channel));
    channels.push(channel);
  }
  return channels;
}
