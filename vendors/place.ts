import type { Channel, ChannelRef } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import type { DriverContext } from './context.ts';
import type { VendorDriver } from './driver.ts';
import type { Account, VendorManifest } from './manifest.ts';
import { masked } from './masked.ts';

/** The code of the refusal to answer about a channel that was made in another place. */
const anotherPlace = 'AnotherPlace';

/**
 * The driver of an account, which answers only about its own place, and says none of these secrets. Throws as the vendor's
 * `createDriver` does.
 */
export async function openDriver(
  manifest: VendorManifest,
  account: Account,
  context: DriverContext,
  secrets: readonly string[],
): Promise<VendorDriver> {
  return masked(await openUnmasked(manifest, account, context), secrets);
}

/** The same, which repeats what its vendor says: for what checks whether that is a secret. */
export async function openUnmasked(
  manifest: VendorManifest,
  account: Account,
  context: DriverContext,
): Promise<VendorDriver> {
  const { createDriver } = await manifest.load();
  return keptToPlace(createDriver(account, context), manifest.placeOf(account.settings));
}

/**
 * Writes the place into every reference that the driver gives, and refuses every reference of another place before the
 * vendor is asked: there a proper "not found" says nothing. A reference without a place is of a run begun by a version
 * that did not record it, and is taken as of this place.
 */
function keptToPlace(driver: VendorDriver, place: string): VendorDriver {
  const placed = (ref: ChannelRef): ChannelRef => ({ ...ref, place });
  const here = (ref: ChannelRef, method: string): void => {
    if (ref.place !== undefined && ref.place !== place) throw elsewhere(ref, place, method);
  };
  const { listLive, setUp } = driver;
  return {
    ...driver,
    refOf: (event) => placed(driver.refOf(event)),
    async allocate(event) {
      if (event.made?.place !== undefined)
        here({ ...driver.refOf({ ...event, kept: event.made.name }), ...event.made }, 'allocate');
      const progress = await driver.allocate(event);
      if (!progress.done) return progress;
      const channel: Channel = { ...progress.value, ref: placed(progress.value.ref) };
      return { done: true, value: channel };
    },
    async start(channel) {
      here(channel.ref, 'start');
      return driver.start(channel);
    },
    async createOutput(channel) {
      here(channel.ref, 'createOutput');
      return driver.createOutput(channel);
    },
    async observe(channel) {
      here(channel.ref, 'observe');
      return driver.observe(channel);
    },
    ...(listLive && { listLive: () => listLive.call(driver) }),
    async playback(channel) {
      here(channel.ref, 'playback');
      return driver.playback(channel);
    },
    async viewerUrl(channel, url) {
      here(channel.ref, 'viewerUrl');
      return driver.viewerUrl(channel, url);
    },
    async reset(channel, output, isBack) {
      here(channel.ref, 'reset');
      return driver.reset(channel, output, isBack);
    },
    async stop(channel, output) {
      here(channel.ref, 'stop');
      return driver.stop(channel, output);
    },
    async publishVod(channel, output, windows) {
      here(channel.ref, 'publishVod');
      return driver.publishVod(channel, output, windows);
    },
    async cleanUp(ref) {
      here(ref, 'cleanUp');
      return driver.cleanUp(ref);
    },
    async ingest(channel) {
      here(channel.ref, 'ingest');
      return driver.ingest(channel);
    },
    async owned(cursor) {
      const page = await driver.owned(cursor);
      return { ...page, items: page.items.map(placed) };
    },
    ...(setUp && { setUp: () => setUp.call(driver) }),
  };
}

/** `unavailable`, so that the run waits in every phase and goes on once the account is back in the channel's place. */
const elsewhere = (ref: ChannelRef, place: string, operation: string): VendorError =>
  new VendorError({
    kind: 'unavailable',
    vendor: ref.vendor,
    operation,
    resource: ref.id ?? ref.name,
    code: anotherPlace,
    message: `the channel was made in ${ref.place}, and account ${ref.account} of this worker is in ${place}: whether it is there, on air and billed is unknown`,
    advice: `configure account ${ref.account} for ${ref.place} again and restart the worker; give the new place an account of another name`,
  });
