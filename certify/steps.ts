import type { Channel, ChannelRef, EventSpec, IngestEndpoint, LiveWindow, Observation } from '../domain/channel.ts';
import { VendorError, type VendorErrorKind } from '../domain/errors.ts';
import { workflowIdOf } from '../domain/ids.ts';
import { messageOf } from '../domain/message-of.ts';
import { type Encoder, PushRefused, startEncoder } from '../simulators/kit/encoder.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { VendorManifest } from '../vendors/manifest.ts';
import { pagesOf } from '../vendors/pages.ts';
import { NotTestable } from './findings.ts';
import { rest, retried, until, type Waits } from './waits.ts';

const hour = 3_600_000;

/** The plan of a show that begins now. */
export function eventFor(
  manifest: Pick<VendorManifest, 'name'>,
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

/** Every channel that the account lists as ours, over all pages. */
export async function listed(
  { driver, manifest }: { driver: VendorDriver; manifest: Pick<VendorManifest, 'name'> },
  waits: Waits,
): Promise<{ items: ChannelRef[]; pages: number }> {
  const items: ChannelRef[] = [];
  let pages = 0;
  const list = pagesOf({ vendor: manifest.name, operation: 'owned' }, (cursor) =>
    retried(() => driver.owned(cursor), waits),
  );
  for await (const refs of list) {
    items.push(...refs);
    pages += 1;
  }
  return { items, pages };
}

export async function firstEndpoint(driver: VendorDriver, channel: Channel, waits: Waits): Promise<IngestEndpoint> {
  const [endpoint] = await retried(() => driver.ingest(channel), waits);
  if (!endpoint) throw new Error('ingest gave nowhere to push to');
  return endpoint;
}

/** Pushes to the channel as soon as it lets the encoder in, as an encoder that retries does. */
export async function push(driver: VendorDriver, channel: Channel, waits: Waits): Promise<Encoder> {
  const { url } = await firstEndpoint(driver, channel, waits);
  return until(() => startEncoder({ url }), waits);
}

export const observe = (driver: VendorDriver, channel: Channel, waits: Waits): Promise<Observation> =>
  retried(() => driver.observe(channel), waits);

/** Waits until the vendor says this of the encoder. */
export const untilEncoder = (
  driver: VendorDriver,
  channel: Channel,
  encoder: 'connected' | 'absent',
  waits: Waits,
): Promise<Observation> =>
  until(
    async () => {
      const seen = await observe(driver, channel, waits);
      if (seen.encoder !== encoder) throw new Error(`the encoder is ${seen.encoder}, not ${encoder}`);
      return seen;
    },
    waits,
    Math.max(50, 2_000 * waits.timeScale),
  );

/**
 * How the ingest answers an encoder: its reason to refuse, or that it accepted. Throws `NotTestable` when it gives no
 * answer: a network that fails is no refusal.
 */
export async function knock(url: string): Promise<string> {
  try {
    const encoder = await startEncoder({ url });
    await encoder.stop();
    return 'let in';
  } catch (error) {
    if (error instanceof PushRefused) return `refused: ${error.message}`;
    throw new NotTestable(`the ingest gave no answer: ${messageOf(error)}`);
  }
}

/** The ingest endpoints; a channel that gives none is closed as well. */
export const endpointsOf = (driver: VendorDriver, channel: Channel, waits: Waits): Promise<IngestEndpoint[]> =>
  retried(async () => {
    try {
      return await driver.ingest(channel);
    } catch (error) {
      if (error instanceof VendorError && closedKinds.includes(error.kind)) return [];
      throw error;
    }
  }, waits);

const closedKinds: readonly VendorErrorKind[] = ['not-found', 'conflict'];

/** One window of the encoder, watched until it is long enough. */
export async function live(
  driver: VendorDriver,
  channel: Channel,
  windowMs: number,
  waits: Waits,
): Promise<LiveWindow> {
  const { since } = await untilEncoder(driver, channel, 'connected', waits);
  const from = since ?? Date.now();
  while (Date.now() - from < windowMs) await rest(50, waits.signal);
  return { from, to: Date.now() };
}
