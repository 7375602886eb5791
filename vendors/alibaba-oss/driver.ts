import type { Channel, ChannelRef, EventSpec, IngestEndpoint, StopEvidence } from '../../domain/channel.ts';
import type { DriverContext } from '../context.ts';
import { done, type IsBack, notYet, type Progress, type VendorDriver } from '../driver.ts';
import type { Account } from '../manifest.ts';
import { namedAsMade } from '../naming.ts';
import { pageOf } from '../pages.ts';
import { isChannelAbsent, isStillLive } from './errors.ts';
import { namePrefix, ownerIn, ownershipTagOf, refOf, vendor } from './names.ts';
import { longestSessionMs, optionsOf, type Settings, settingsOf } from './options.ts';
import { createOutput } from './output.ts';
import { find, getOwn, requireOwn } from './ownership.ts';
import { playback, viewerUrl } from './playback.ts';
import { preflight } from './preflight.ts';
import { isLive, observe, sessionsOf } from './presence.ts';
import { type ChannelConfig, createSdk, type Sdk } from './sdk.ts';
import { fetchVod, publishVod } from './vod.ts';

/** The answer to a change has no content, so that a proxy could give it too: the change counts when a look shows it. */
const settleMs = 1_000;
/** OSS drops an encoder within about 10 s of closing its channel. */
const dropRetryMs = 2_000;

export function createDriver(account: Account, context: DriverContext): VendorDriver {
  const settings = settingsOf(account);
  const sdk = createSdk(settings, context);
  const baseUrl = (name: string) => `${settings.playbackBaseUrl}/${name}`;
  return {
    refOf: (event) => refOf(account.name, event),
    preflight: (event, planned) => preflight(sdk, settings, event, planned),
    allocate: (event) =>
      allocate(sdk, namedAsMade(refOf(account.name, { ...event, kept: event.made?.name }), event), event),
    start: async ({ ref }) => {
      const config = await getOwn(sdk, ref, 'PutLiveChannelStatus');
      if (config.status === 'enabled') return done(undefined);
      await sdk.putChannelStatus(ref.name, 'enabled');
      const { status } = await sdk.getChannel(ref.name);
      return status === 'enabled' ? done(undefined) : notYet('OSS to enable the channel', settleMs);
    },
    createOutput: (channel) => createOutput(sdk, channel),
    observe: (channel) => observe(sdk, channel),
    playback: (channel) => playback(settings, channel),
    viewerUrl: (_channel, url) => viewerUrl(sdk, settings, url),
    reset: ({ ref }, _output, isBack) => reset(sdk, ref, isBack),
    stop: ({ ref }) => stop(sdk, ref),
    publishVod: async ({ ref }, _output, windows) => {
      if (windows.length === 0) return done([]);
      const config = await getOwn(sdk, ref, 'PostVodPlaylist');
      const recording = {
        channel: ref.name,
        baseUrl: baseUrl(ref.name),
        fragDurationSeconds: config.fragDuration,
        windows,
      };
      return publishVod(sdk, recording, sdk.now());
    },
    fetchVod: (url, range, asset) => fetchVod(sdk, settings, url, range, asset),
    cleanUp: (ref) => cleanUp(sdk, ref),
    ingest: async (channel) => [ingestOf(sdk, settings, channel)],
    owned: async (cursor) => {
      const page = await sdk.listChannels(namePrefix, cursor);
      const items = page.items.flatMap(({ name, description }) => {
        const workflowId = ownerIn(description);
        return workflowId === undefined ? [] : [{ vendor, account: account.name, name, workflowId }];
      });
      return pageOf(items, page.next);
    },
  };
}

/** Put overwrites what is there and forgets its past, so it is never sent before looking. */
async function allocate(sdk: Sdk, ref: ChannelRef, event: EventSpec): Promise<Progress<Channel>> {
  const options = optionsOf(event);
  const wanted: ChannelConfig = {
    description: ownershipTagOf(ref.workflowId),
    status: 'disabled',
    fragDuration: options.fragDuration,
    fragCount: options.fragCount,
    playlistName: options.playlistName,
  };
  const existing = await find(sdk, ref.name);
  if (existing) requireOwn(existing, ref, 'PutLiveChannel');
  const { playlistName, ingestExpiresSeconds } = options;
  const { hardEndsAt } = event;
  const expiry = ingestExpiresSeconds !== undefined && { ingestExpiresSeconds };
  const channel: Channel = { ref, details: { playlistName, hardEndsAt, ...expiry } };
  const staysOpen = event.joins || isNamedAfterRun(ref, event);
  if (staysOpen && existing?.status === 'enabled' && sameTarget(existing, wanted)) return done(channel);
  if (existing?.status === 'enabled') await sdk.putChannelStatus(ref.name, 'disabled');
  if (existing && (await isLive(sdk, ref.name))) return notYet('OSS to drop an encoder of an earlier run', dropRetryMs);
  if (!existing || !sameTarget(existing, wanted)) await sdk.putChannel(ref.name, wanted);
  const made = existing?.status === 'disabled' && sameTarget(existing, wanted) ? existing : await find(sdk, ref.name);
  return made?.status === 'disabled' ? done(channel) : notYet('OSS to disable the channel', settleMs);
}

/** Only this run has opened a channel of its own name. */
const isNamedAfterRun = (ref: ChannelRef, { eventId, workflowId, run }: EventSpec): boolean =>
  run !== undefined && ref.name === refOf(ref.account, { eventId, workflowId, run }).name;

const sameTarget = (a: ChannelConfig, b: ChannelConfig): boolean =>
  a.fragDuration === b.fragDuration && a.fragCount === b.fragCount && a.playlistName === b.playlistName;

/** Closing the channel drops the encoder, opening it lets the encoder back; a closed channel is a reset half done. */
async function reset(sdk: Sdk, ref: ChannelRef, isBack?: IsBack): Promise<Progress<undefined>> {
  const config = await getOwn(sdk, ref, 'PutLiveChannelStatus');
  const live = await isLive(sdk, ref.name);
  if (config.status === 'enabled') {
    if (!live || (await isBack?.())) return done(undefined);
    await sdk.putChannelStatus(ref.name, 'disabled');
    return notYet('OSS to drop the encoder', 1_000);
  }
  if (live) return notYet('OSS to drop the encoder', dropRetryMs);
  await sdk.putChannelStatus(ref.name, 'enabled');
  const { status } = await sdk.getChannel(ref.name);
  return status === 'enabled' ? done(undefined) : notYet('OSS to enable the channel', settleMs);
}

async function stop(sdk: Sdk, ref: ChannelRef): Promise<Progress<StopEvidence>> {
  try {
    const closed = await closeDown(sdk, ref);
    if (closed === 'gone') return done({ sessions: [] });
    if (closed === 'live') return notYet('OSS to drop the encoder', dropRetryMs);
    if (closed === 'open') return notYet('OSS to disable the channel', settleMs);
    return done({ sessions: sessionsOf(await sdk.getChannelHistory(ref.name)) });
  } catch (error) {
    if (isChannelAbsent(error)) return done({ sessions: [] });
    throw error;
  }
}

async function cleanUp(sdk: Sdk, ref: ChannelRef): Promise<Progress<void>> {
  try {
    const closed = await closeDown(sdk, ref);
    if (closed === 'live') return notYet('OSS to drop the encoder', dropRetryMs);
    if (closed === 'open') return notYet('OSS to disable the channel', settleMs);
    if (closed === 'gone') return done(undefined);
    await sdk.deleteChannel(ref.name);
    return (await find(sdk, ref.name)) ? notYet('OSS to delete the channel', settleMs) : done(undefined);
  } catch (error) {
    if (isChannelAbsent(error)) return done(undefined);
    if (isStillLive(error)) return notYet('OSS to drop the encoder', dropRetryMs);
    throw error;
  }
}

/** Blocks ingest, then looks. A channel of our name without our tag may be ours: that is a conflict, never `gone`. */
async function closeDown(sdk: Sdk, ref: ChannelRef): Promise<'gone' | 'live' | 'open' | 'idle'> {
  const config = await find(sdk, ref.name);
  if (!config) return 'gone';
  requireOwn(config, ref, 'PutLiveChannelStatus');
  if (config.status === 'enabled') await sdk.putChannelStatus(ref.name, 'disabled');
  const { status } = await sdk.getChannelStat(ref.name);
  if (status === 'Live') return 'live';
  return status === 'Disabled' ? 'idle' : 'open';
}

/** As long as the run may last, so that an encoder may come back until then and not later. Epoch seconds. */
function expiryOf({ hardEndsAt, ingestExpiresSeconds }: Channel['details'], now: number): number {
  const asked = Math.floor(now / 1000) + Number(ingestExpiresSeconds);
  // A channel of a version before has no `hardEndsAt`.
  const end = typeof hardEndsAt === 'number' ? Math.ceil(hardEndsAt / 1000) : asked;
  return ingestExpiresSeconds === undefined ? end : Math.min(asked, end);
}

function ingestOf(sdk: Sdk, settings: Settings, { ref, details }: Channel): IngestEndpoint {
  const now = sdk.now();
  // The URL carries the token of a temporary key, and ends with its session at the latest.
  const sessionEnd = settings.stsToken ? Math.floor((now + longestSessionMs) / 1000) : Number.POSITIVE_INFINITY;
  const expiresAt = Math.min(expiryOf(details, now), sessionEnd);
  const query = sdk.signedPublishQuery(ref.name, String(details.playlistName), expiresAt);
  const server = `${settings.ingestBaseUrl}/live`;
  const streamKey = `${ref.name}?${query}`;
  return { protocol: 'rtmp', url: `${server}/${streamKey}`, server, streamKey, expiresAt: expiresAt * 1000 };
}
