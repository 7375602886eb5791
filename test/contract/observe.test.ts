import { describe, expect, it } from 'vitest';
import { type Channel, type ChannelRef, keyOf } from '../../domain/channel.ts';
import { vendors } from '../../vendors/registry.ts';
import { untilPasses } from '../support/until.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach, retried } from './reach.ts';
import { allocateAsManyAsAllowed, eventFor, push, untilEncoder, wholeShow } from './show.ts';

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('observes many channels in order, and in few calls where it can list them', () =>
    withHarness(manifest, {}, async (harness) => {
      const channels = await observesInOrder(harness);
      if (!harness.driver.listLive) return;
      await observesManyInFewCalls(harness, channels);
      await listsLive(harness, channels);
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

/** One of many is sending: the answer has every channel at its place. */
async function observesInOrder(harness: ContractHarness): Promise<Channel[]> {
  const { driver } = harness;
  const channels = await startedChannels(harness);
  expect(channels.length).toBeGreaterThan(2);
  const sending = 1;
  const encoder = await push(driver, channels[sending] as Channel);
  const expected = channels.map((_, i) => (i === sending ? 'connected' : 'absent'));
  await untilPasses(async () => {
    const seen = await retried(() => driver.observe(channels));
    expect(seen.map((one) => one.encoder)).toEqual(expected);
  });
  const reversed = await retried(() => driver.observe([...channels].reverse()));
  expect(reversed.map((one) => one.encoder)).toEqual([...expected].reverse());
  expect(await driver.observe([])).toEqual([]);
  await encoder.stop();
  return channels;
}

async function observesManyInFewCalls(harness: ContractHarness, channels: readonly Channel[]): Promise<void> {
  harness.kit.log.clear();
  await harness.driver.observe(channels);
  const calls = harness.operations();
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.length).toBeLessThanOrEqual(2);
}

/** What the account's listing shows is what `observe` sees. */
async function listsLive({ driver }: ContractHarness, channels: readonly Channel[]): Promise<void> {
  const [, channel] = channels;
  if (!channel || !driver.listLive) throw new Error('there is no channel, or no listLive()');
  const encoder = await push(driver, channel);
  await untilEncoder(driver, channel, 'connected');
  const seen = await driver.listLive();
  expect(seen.map((one) => one.channel)).toEqual([keyOf(channel.ref)]);
  expect(seen[0]?.observation.encoder).toBe('connected');
  await encoder.stop();
}
