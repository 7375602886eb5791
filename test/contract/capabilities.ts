import { expect, vi } from 'vitest';
import type { Capabilities } from '../../domain/capabilities.ts';
import { type Channel, type ChannelRef, keyOf } from '../../domain/channel.ts';
import { startFlvSource } from '../support/volcengine-live-sources.ts';
import type { Stage } from './contract-harness.ts';
import { reach, retried } from './reach.ts';
import { allocateAsManyAsAllowed, eventFor, live, observeOne, opened, push, untilEncoder, wholeShow } from './show.ts';

/** What a capability promises, and what is true of a vendor that does not declare it. */
export interface Promised {
  declared: (stage: Stage) => Promise<unknown>;
  otherwise?: (stage: Stage) => Promise<unknown>;
}

/** A capability without an entry does not compile, and `untested` names it. */
export const promises: Record<keyof Capabilities, Promised> = {
  bulkObserve: { declared: observesManyInFewCalls, otherwise: observesInOrder },
  standby: { declared: warmsOnlyWhenAsked, otherwise: neverWarms },
  relay: { declared: pullsFromSources, otherwise: pushesOnly },
  sessionHistory: { declared: tellsSessions, otherwise: tellsNoSessions },
  separateOutput: { declared: makesAnOutput, otherwise: makesNoOutput },
  vodNeedsChannel: { declared: publishesBeforeCleanUp, otherwise: publishesAfterCleanUp },
};

/** Capabilities that no test of the table uses. */
export const untested = (capabilities: object, table: object): string[] =>
  Object.keys(capabilities).filter((name) => !Object.hasOwn(table, name));

const many = 12;

async function startedChannels(stage: Stage): Promise<Channel[]> {
  const eventIds = Array.from({ length: many }, (_, i) => `many-${i}`);
  const refs: ChannelRef[] = await allocateAsManyAsAllowed(stage, eventIds);
  const channels: Channel[] = [];
  for (const eventId of eventIds.slice(0, refs.length)) {
    const channel = await reach(() => stage.driver.allocate(eventFor(stage, eventId)));
    await reach(() => stage.driver.start(channel));
    channels.push(channel);
  }
  return channels;
}

/** One of many is sending: the answer has every channel at its place. */
async function observesInOrder(stage: Stage): Promise<Channel[]> {
  const { driver } = stage;
  const channels = await startedChannels(stage);
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

async function observesManyInFewCalls(stage: Stage): Promise<void> {
  const channels = await observesInOrder(stage);
  stage.kit.log.clear();
  await stage.driver.observe(channels);
  const calls = stage.operations();
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.length).toBeLessThanOrEqual(2);
  await listsLive(stage, channels);
}

/** What the account's listing shows is what `observe` sees. */
async function listsLive({ driver }: Stage, channels: readonly Channel[]): Promise<void> {
  const [, channel] = channels;
  if (!channel || !driver.listLive) throw new Error('bulkObserve is declared, and there is no listLive()');
  const encoder = await push(driver, channel);
  await untilEncoder(driver, channel, 'connected');
  const seen = await driver.listLive();
  expect(seen.map((one) => one.channel)).toEqual([keyOf(channel.ref)]);
  expect(seen[0]?.observation.encoder).toBe('connected');
  await encoder.stop();
}

const billed = (stage: Stage): string[] => stage.added().flatMap((one) => (one.billed ? [one.kind] : []));

async function warmsOnlyWhenAsked(stage: Stage): Promise<void> {
  const { driver } = stage;
  const cold = await reach(() => driver.allocate(eventFor(stage, 'cold')));
  expect(billed(stage)).toEqual([]);
  const warm = await reach(() => driver.allocate(eventFor(stage, 'warm', { standby: true })));
  expect(billed(stage)).not.toEqual([]);
  await reach(() => driver.start(warm));
  const encoder = await push(driver, warm);
  await untilEncoder(driver, warm, 'connected');
  await reach(() => driver.cleanUp(warm.ref), 'after-show');
  await encoder.done;
  await reach(() => driver.cleanUp(cold.ref), 'after-show');
  expect(billed(stage)).toEqual([]);
}

async function neverWarms(stage: Stage): Promise<void> {
  await reach(() => stage.driver.allocate(eventFor(stage, 'warm', { standby: true })));
  expect(billed(stage)).toEqual([]);
}

async function pullsFromSources(stage: Stage): Promise<void> {
  const { driver } = stage;
  const source = await startFlvSource();
  try {
    const event = eventFor(stage, 'pulled', { sources: [source.url] });
    const { channel, output } = await opened(driver, event);
    expect(await driver.ingest(channel)).toEqual([]);
    const windows = [await live(driver, channel)];
    expect(source.viewers()).toBe(1);
    await reach(() => driver.stop(channel, output), 'after-show');
    await vi.waitFor(() => expect(source.viewers()).toBe(0), { timeout: 10_000 });
    const assets = await reach(() => driver.publishVod(channel, output, windows), 'recording');
    expect(assets).not.toEqual([]);
    await reach(() => driver.cleanUp(channel.ref), 'after-show');
    expect(billed(stage)).toEqual([]);
  } finally {
    await source.close();
  }
}

/** Plans with sources are refused before a driver sees them; its channel still accepts an encoder. */
async function pushesOnly(stage: Stage): Promise<void> {
  const { channel } = await opened(stage.driver, eventFor(stage, 'pushed'));
  expect(await stage.driver.ingest(channel)).not.toEqual([]);
}

async function tellsSessions(stage: Stage): Promise<void> {
  const began = Date.now() - 1_000;
  const { evidence, windows } = await wholeShow(stage, eventFor(stage, 'history'));
  expect(evidence.sessions.length).toBeGreaterThanOrEqual(windows.length);
  for (const { startedAt, endedAt } of evidence.sessions) {
    expect(startedAt).toBeGreaterThanOrEqual(began);
    expect(endedAt).toBeGreaterThan(startedAt);
    expect(endedAt).toBeLessThanOrEqual(Date.now() + 1_000);
  }
}

async function tellsNoSessions(stage: Stage): Promise<void> {
  const { evidence } = await wholeShow(stage, eventFor(stage, 'history'));
  expect(evidence.sessions).toEqual([]);
}

const kinds = (stage: Stage): string[] => stage.added().map(({ kind }) => kind);

async function startedWithAndWithoutOutput(stage: Stage): Promise<[string[], string[]]> {
  const channel = await reach(() => stage.driver.allocate(eventFor(stage, 'output')));
  await reach(() => stage.driver.start(channel));
  const before = kinds(stage);
  await reach(() => stage.driver.createOutput(channel));
  await observeOne(stage.driver, channel);
  return [before, kinds(stage)];
}

async function makesAnOutput(stage: Stage): Promise<void> {
  const [before, after] = await startedWithAndWithoutOutput(stage);
  expect(after.length).toBeGreaterThan(before.length);
}

async function makesNoOutput(stage: Stage): Promise<void> {
  const [before, after] = await startedWithAndWithoutOutput(stage);
  expect(after).toEqual(before);
}

async function sentAndStopped(stage: Stage) {
  const { driver } = stage;
  const show = await opened(driver, eventFor(stage, 'published'));
  const encoder = await push(driver, show.channel);
  const windows = [await live(driver, show.channel)];
  await reach(() => driver.stop(show.channel, show.output), 'after-show');
  await encoder.done;
  return { ...show, windows };
}

async function publishesAfterCleanUp(stage: Stage): Promise<void> {
  const { driver } = stage;
  const { channel, output, windows } = await sentAndStopped(stage);
  await reach(() => driver.cleanUp(channel.ref), 'after-show');
  const assets = await reach(() => driver.publishVod(channel, output, windows), 'recording');
  expect(assets).not.toEqual([]);
  for (const { url } of assets) expect((await driver.fetchVod(url)).status).toBe(200);
}

/** What was published outlives the channel it needed. */
async function publishesBeforeCleanUp(stage: Stage): Promise<void> {
  const { driver } = stage;
  const { channel, output, windows } = await sentAndStopped(stage);
  const assets = await reach(() => driver.publishVod(channel, output, windows), 'recording');
  await reach(() => driver.cleanUp(channel.ref), 'after-show');
  expect(assets).not.toEqual([]);
  for (const { url } of assets) expect((await driver.fetchVod(url)).status).toBe(200);
}
