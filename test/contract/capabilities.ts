import { expect, vi } from 'vitest';
import type { Capabilities } from '../../domain/capabilities.ts';
import { type Channel, type ChannelRef, keyOf } from '../../domain/channel.ts';
import { startFlvSource } from '../support/volcengine-live-sources.ts';
import type { ContractHarness } from './contract-harness.ts';
import { reach, retried } from './reach.ts';
import { allocateAsManyAsAllowed, eventFor, live, observeOne, opened, push, untilEncoder, wholeShow } from './show.ts';

/** What a capability promises, and what is true of a vendor that does not declare it. */
export interface Promised {
  declared: (harness: ContractHarness) => Promise<unknown>;
  otherwise?: (harness: ContractHarness) => Promise<unknown>;
}

/** A capability without an entry does not compile, and `untested` names it. */
export const promises: Record<keyof Capabilities, Promised> = {
  bulkObserve: { declared: observesManyInFewCalls, otherwise: observesInOrder },
  standby: { declared: warmsOnlyWhenAsked, otherwise: neverWarms },
  relay: { declared: pullsFromSources, otherwise: pushesOnly },
  sessionHistory: { declared: reportsSessions, otherwise: reportsNoSessions },
  separateOutput: { declared: makesAnOutput, otherwise: makesNoOutput },
  vodNeedsChannel: { declared: publishesBeforeCleanUp, otherwise: publishesAfterCleanUp },
};

/** Capabilities that no test of the table uses. */
export const untested = (capabilities: object, table: object): string[] =>
  Object.keys(capabilities).filter((name) => !Object.hasOwn(table, name));

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
  await vi.waitFor(
    async () => {
      const seen = await retried(() => driver.observe(channels));
      expect(seen.map((one) => one.encoder)).toEqual(expected);
    },
    { timeout: 15_000, interval: 50 },
  );
  const reversed = await retried(() => driver.observe([...channels].reverse()));
  expect(reversed.map((one) => one.encoder)).toEqual([...expected].reverse());
  expect(await driver.observe([])).toEqual([]);
  await encoder.stop();
  return channels;
}

async function observesManyInFewCalls(harness: ContractHarness): Promise<void> {
  const channels = await observesInOrder(harness);
  harness.kit.log.clear();
  await harness.driver.observe(channels);
  const calls = harness.operations();
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.length).toBeLessThanOrEqual(2);
  await listsLive(harness, channels);
}

/** What the account's listing shows is what `observe` sees. */
async function listsLive({ driver }: ContractHarness, channels: readonly Channel[]): Promise<void> {
  const [, channel] = channels;
  if (!channel || !driver.listLive) throw new Error('bulkObserve is declared, and there is no listLive()');
  const encoder = await push(driver, channel);
  await untilEncoder(driver, channel, 'connected');
  const seen = await driver.listLive();
  expect(seen.map((one) => one.channel)).toEqual([keyOf(channel.ref)]);
  expect(seen[0]?.observation.encoder).toBe('connected');
  await encoder.stop();
}

const billed = (harness: ContractHarness): string[] => harness.added().flatMap((one) => (one.billed ? [one.kind] : []));

async function warmsOnlyWhenAsked(harness: ContractHarness): Promise<void> {
  const { driver } = harness;
  const cold = await reach(() => driver.allocate(eventFor(harness, 'cold')));
  expect(billed(harness)).toEqual([]);
  const warm = await reach(() => driver.allocate(eventFor(harness, 'warm', { standby: true })));
  expect(billed(harness)).not.toEqual([]);
  await reach(() => driver.start(warm));
  const encoder = await push(driver, warm);
  await untilEncoder(driver, warm, 'connected');
  await reach(() => driver.cleanUp(warm.ref), 'after-show');
  await encoder.done;
  await reach(() => driver.cleanUp(cold.ref), 'after-show');
  expect(billed(harness)).toEqual([]);
}

async function neverWarms(harness: ContractHarness): Promise<void> {
  await reach(() => harness.driver.allocate(eventFor(harness, 'warm', { standby: true })));
  expect(billed(harness)).toEqual([]);
}

async function pullsFromSources(harness: ContractHarness): Promise<void> {
  const { driver } = harness;
  const source = await startFlvSource();
  try {
    const event = eventFor(harness, 'pulled', { sources: [source.url] });
    const { channel, output } = await opened(driver, event);
    expect(await driver.ingest(channel)).toEqual([]);
    const windows = [await live(driver, channel)];
    expect(source.viewers()).toBe(1);
    await reach(() => driver.stop(channel, output), 'after-show');
    await vi.waitFor(() => expect(source.viewers()).toBe(0), { timeout: 10_000 });
    const assets = await reach(() => driver.publishVod(channel, output, windows), 'recording');
    expect(assets).not.toEqual([]);
    await reach(() => driver.cleanUp(channel.ref), 'after-show');
    expect(billed(harness)).toEqual([]);
  } finally {
    await source.close();
  }
}

/** Plans with sources are refused before a driver sees them; its channel still accepts an encoder. */
async function pushesOnly(harness: ContractHarness): Promise<void> {
  const { channel } = await opened(harness.driver, eventFor(harness, 'pushed'));
  expect(await harness.driver.ingest(channel)).not.toEqual([]);
}

async function reportsSessions(harness: ContractHarness): Promise<void> {
  const began = Date.now() - 1_000;
  const { evidence, windows } = await wholeShow(harness, eventFor(harness, 'history'));
  expect(evidence.sessions.length).toBeGreaterThanOrEqual(windows.length);
  for (const { startedAt, endedAt } of evidence.sessions) {
    expect(startedAt).toBeGreaterThanOrEqual(began);
    expect(endedAt).toBeGreaterThan(startedAt);
    expect(endedAt).toBeLessThanOrEqual(Date.now() + 1_000);
  }
}

async function reportsNoSessions(harness: ContractHarness): Promise<void> {
  const { evidence } = await wholeShow(harness, eventFor(harness, 'history'));
  expect(evidence.sessions).toEqual([]);
}

const kinds = (harness: ContractHarness): string[] => harness.added().map(({ kind }) => kind);

async function startedWithAndWithoutOutput(harness: ContractHarness): Promise<[string[], string[]]> {
  const channel = await reach(() => harness.driver.allocate(eventFor(harness, 'output')));
  await reach(() => harness.driver.start(channel));
  const before = kinds(harness);
  await reach(() => harness.driver.createOutput(channel));
  await observeOne(harness.driver, channel);
  return [before, kinds(harness)];
}

async function makesAnOutput(harness: ContractHarness): Promise<void> {
  const [before, after] = await startedWithAndWithoutOutput(harness);
  expect(after.length).toBeGreaterThan(before.length);
}

async function makesNoOutput(harness: ContractHarness): Promise<void> {
  const [before, after] = await startedWithAndWithoutOutput(harness);
  expect(after).toEqual(before);
}

async function sentAndStopped(harness: ContractHarness) {
  const { driver } = harness;
  const show = await opened(driver, eventFor(harness, 'published'));
  const encoder = await push(driver, show.channel);
  const windows = [await live(driver, show.channel)];
  await reach(() => driver.stop(show.channel, show.output), 'after-show');
  await encoder.done;
  return { ...show, windows };
}

async function publishesAfterCleanUp(harness: ContractHarness): Promise<void> {
  const { driver } = harness;
  const { channel, output, windows } = await sentAndStopped(harness);
  await reach(() => driver.cleanUp(channel.ref), 'after-show');
  const assets = await reach(() => driver.publishVod(channel, output, windows), 'recording');
  expect(assets).not.toEqual([]);
  for (const { url } of assets) expect((await driver.fetchVod(url)).status).toBe(200);
}

/** What was published outlives the channel it needed. */
async function publishesBeforeCleanUp(harness: ContractHarness): Promise<void> {
  const { driver } = harness;
  const { channel, output, windows } = await sentAndStopped(harness);
  const assets = await reach(() => driver.publishVod(channel, output, windows), 'recording');
  await reach(() => driver.cleanUp(channel.ref), 'after-show');
  expect(assets).not.toEqual([]);
  for (const { url } of assets) expect((await driver.fetchVod(url)).status).toBe(200);
}
