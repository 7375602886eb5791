import { vi } from 'vitest';
import type {
  Channel,
  ChannelRef,
  EventSpec,
  IngestEndpoint,
  LiveWindow,
  Output,
  StopEvidence,
  VodAsset,
} from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { withSessions } from '../../domain/windows.ts';
import { type Encoder, startEncoder } from '../../simulators/kit/encoder.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import type { ContractHarness } from './contract-harness.ts';
import { reach, refusalOf, retried } from './reach.ts';

const hour = 3_600_000;

export function eventFor(
  { manifest }: Pick<ContractHarness, 'manifest'>,
  eventId: string,
  changed: Partial<EventSpec> = {},
): EventSpec {
  const now = Date.now();
  return {
    eventId,
    workflowId: workflowIdOf(eventId),
    title: 'A show of the contract',
    vendor: manifest.name,
    account: 'default',
    startsAt: now,
    endsAt: now + hour,
    hardEndsAt: now + 4 * hour,
    standby: false,
    sources: [],
    options: {},
    ...changed,
  };
}

export interface Opened {
  channel: Channel;
  output: Output;
}

export async function opened(driver: VendorDriver, event: EventSpec): Promise<Opened> {
  const channel = await reach(() => driver.allocate(event));
  await reach(() => driver.start(channel));
  return { channel, output: await reach(() => driver.createOutput(channel)) };
}

export const listed = async (driver: VendorDriver) => {
  const items = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const from: string | undefined = cursor;
    const page = await retried(() => driver.owned(from));
    items.push(...page.items);
    pages += 1;
    cursor = page.next;
  } while (cursor !== undefined);
  return { items, pages };
};

export async function firstEndpoint(driver: VendorDriver, channel: Channel): Promise<IngestEndpoint> {
  const [endpoint] = await retried(() => driver.ingest(channel));
  if (!endpoint) throw new Error('ingest gave nowhere to push to');
  return endpoint;
}

/** Pushes to the channel as soon as it lets the encoder in, as an encoder that retries does. */
export async function push(driver: VendorDriver, channel: Channel): Promise<Encoder> {
  const { url } = await firstEndpoint(driver, channel);
  return vi.waitFor(() => startEncoder({ url }), { timeout: 150_000, interval: 100 });
}

const observeOne = async (driver: VendorDriver, channel: Channel) => {
  const [observation] = await retried(() => driver.observe([channel]));
  if (!observation) throw new Error('observe gave nothing');
  return observation;
};

export const untilEncoder = (driver: VendorDriver, channel: Channel, encoder: 'connected' | 'absent') =>
  vi.waitFor(
    async () => {
      const seen = await observeOne(driver, channel);
      if (seen.encoder !== encoder) throw new Error(`the encoder is ${seen.encoder}, not ${encoder}`);
      return seen;
    },
    { timeout: 150_000, interval: 50 },
  );

/** How the ingest answers an encoder: its reason to refuse, or that it accepted. */
export async function knock(url: string): Promise<string> {
  try {
    const encoder = await startEncoder({ url });
    await encoder.stop();
    return 'let in';
  } catch (error) {
    return `refused: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The ingest endpoints; a channel that gives none is closed as well. */
export async function endpointsOf(driver: VendorDriver, channel: Channel): Promise<IngestEndpoint[]> {
  try {
    return await driver.ingest(channel);
  } catch {
    const { kind } = await refusalOf(() => driver.ingest(channel));
    if (kind !== 'not-found' && kind !== 'conflict') throw new Error(`ingest of a closed channel failed as ${kind}`);
    return [];
  }
}

export interface Show extends Opened {
  endpoint: IngestEndpoint;
  windows: LiveWindow[];
  /** When the stop began. */
  endedAt: number;
  evidence: StopEvidence;
  assets: VodAsset[];
}

/** How long an encoder sends in a window: past the second key frame, so that a segment is whole. */
const usualWindowMs = 3_000;
export const shortWindowMs = 2_200;

/** Everything a run asks of a driver, with an encoder that is dropped by a reset and comes back. */
export async function wholeShow(harness: ContractHarness, event: EventSpec, windowMs = usualWindowMs): Promise<Show> {
  const { driver } = harness;
  const { channel, output } = await opened(driver, event);
  const openedAt = Date.now();
  const endpoint = await firstEndpoint(driver, channel);
  const first = await push(driver, channel);
  const seen = [await live(driver, channel, windowMs)];
  await reach(() => driver.reset(channel), 'watching');
  await first.done;
  const second = await push(driver, channel);
  seen.push(await live(driver, channel, windowMs));
  const endedAt = Date.now();
  const evidence = await reach(() => driver.stop(channel, output), 'after-show');
  await second.done;
  // As a run does: the vendor knows to the second what was seen now and then.
  const windows = withSessions(seen, evidence.sessions, { from: openedAt, to: Date.now() });
  const assets = await reach(() => driver.publishVod(channel, output, windows), 'recording');
  await reach(() => driver.cleanUp(channel.ref), 'after-show');
  await listed(driver);
  return { channel, output, endpoint, windows, endedAt, evidence, assets };
}

/** One window of the encoder, watched until it is long enough. */
export async function live(driver: VendorDriver, channel: Channel, windowMs = usualWindowMs): Promise<LiveWindow> {
  const { since } = await untilEncoder(driver, channel, 'connected');
  const from = since ?? Date.now();
  await vi.waitUntil(() => Date.now() - from >= windowMs, { timeout: 2 * windowMs, interval: 50 });
  return { from, to: Date.now() };
}

/** The same without an encoder: every step is asked for, nothing is ever sent. */
export async function silentShow(harness: ContractHarness, event: EventSpec): Promise<void> {
  const { driver } = harness;
  const { channel, output } = await opened(driver, event);
  await retried(() => driver.ingest(channel));
  await observeOne(driver, channel);
  await reach(() => driver.reset(channel), 'watching');
  await reach(() => driver.stop(channel, output), 'after-show');
  await reach(() => driver.publishVod(channel, output, []), 'recording');
  await reach(() => driver.cleanUp(channel.ref), 'after-show');
  await listed(driver);
}

/** A channel for each event, in order, until the account may hold no more; at least one. */
export async function allocateAsManyAsAllowed(
  harness: ContractHarness,
  eventIds: readonly string[],
): Promise<ChannelRef[]> {
  const refs: ChannelRef[] = [];
  for (const eventId of eventIds) {
    try {
      refs.push((await reach(() => harness.driver.allocate(eventFor(harness, eventId)))).ref);
    } catch (error) {
      const full = error instanceof VendorError && error.kind === 'quota-exceeded' && refs.length > 0;
      if (full) return refs;
      throw error;
    }
  }
  return refs;
}
