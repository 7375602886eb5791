import * as steps from '../../certify/steps.ts';
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
import { withSessions } from '../../domain/windows.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import type { ContractHarness } from './contract-harness.ts';
import { reach, retried, waits } from './reach.ts';

export { knock } from '../../certify/steps.ts';

export const eventFor = (
  { manifest }: Pick<ContractHarness, 'manifest'>,
  eventId: string,
  changed: Partial<EventSpec> = {},
): EventSpec => steps.eventFor(manifest, eventId, changed);

export interface Opened {
  channel: Channel;
  output: Output;
}

export async function opened(driver: VendorDriver, event: EventSpec): Promise<Opened> {
  const channel = await reach(() => driver.allocate(event));
  await reach(() => driver.start(channel));
  return { channel, output: await reach(() => driver.createOutput(channel)) };
}

export const listed = (harness: Pick<ContractHarness, 'driver' | 'manifest'>) => steps.listed(harness, waits);
export const endpointsOf = (driver: VendorDriver, channel: Channel) => steps.endpointsOf(driver, channel, waits);
export const firstEndpoint = (driver: VendorDriver, channel: Channel) => steps.firstEndpoint(driver, channel, waits);
export const push = (driver: VendorDriver, channel: Channel) => steps.push(driver, channel, waits);
export const untilEncoder = (driver: VendorDriver, channel: Channel, encoder: 'connected' | 'absent') =>
  steps.untilEncoder(driver, channel, encoder, waits);
export const live = (driver: VendorDriver, channel: Channel, windowMs = usualWindowMs) =>
  steps.live(driver, channel, windowMs, waits);

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
  await listed(harness);
  return { channel, output, endpoint, windows, endedAt, evidence, assets };
}

/** The same without an encoder: every step is asked for, nothing is ever sent. */
export async function silentShow(harness: ContractHarness, event: EventSpec): Promise<void> {
  const { driver } = harness;
  const { channel, output } = await opened(driver, event);
  await retried(() => driver.ingest(channel));
  await steps.observe(driver, channel, waits);
  await reach(() => driver.reset(channel), 'watching');
  await reach(() => driver.stop(channel, output), 'after-show');
  await reach(() => driver.publishVod(channel, output, []), 'recording');
  await reach(() => driver.cleanUp(channel.ref), 'after-show');
  await listed(harness);
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
