import { expect } from 'vitest';
import type { Capabilities } from '../../domain/capabilities.ts';
import { untilPasses } from '../support/until.ts';
import { startFlvSource } from '../support/volcengine-live-sources.ts';
import type { ContractHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { eventFor, live, opened, push, untilEncoder } from './show.ts';

/** What a capability promises, and what is true of a vendor that does not declare it. */
export interface Promised {
  declared: (harness: ContractHarness) => Promise<unknown>;
  otherwise?: (harness: ContractHarness) => Promise<unknown>;
}

/** A capability without an entry does not compile, and `untested` names it. */
export const promises: Record<keyof Capabilities, Promised> = {
  standby: { declared: warmsOnlyWhenAsked, otherwise: neverWarms },
  relay: { declared: pullsFromSources, otherwise: pushesOnly },
  vodNeedsChannel: { declared: publishesBeforeCleanUp, otherwise: publishesAfterCleanUp },
};

/** Capabilities that no test of the table uses. */
export const untested = (capabilities: object, table: object): string[] =>
  Object.keys(capabilities).filter((name) => !Object.hasOwn(table, name));

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
    await untilPasses(() => expect(source.viewers()).toBe(0));
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
