import type { Channel, ChannelRef, EventSpec, IngestEndpoint, Output, StopEvidence } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import type { DriverContext } from '../context.ts';
import { done, notYet, type Progress, type VendorDriver } from '../driver.ts';
import type { Account } from '../manifest.ts';
import { isChannelAbsent, isStillLive } from './errors.ts';
import { namePrefix, ownerIn, ownershipTagOf, refOf, vendor } from './names.ts';
import { type Options, optionsSchema, type Settings, settingsOf } from './options.ts';
import { observationOf, sessionsOf } from './presence.ts';
import { type ChannelConfig, createOss, type Oss } from './sdk.ts';
import { publishRecording } from './vod.ts';

/** How many channels are looked at at once. */
const parallelLooks = 8;
/** OSS drops an encoder within about 10 s of closing its channel. */
const dropRetryMs = 2_000;

export function createDriver(account: Account, context: DriverContext): VendorDriver {
  const settings = settingsOf(account);
  const oss = createOss(settings, context);
  const baseUrl = (name: string) => `${settings.playbackBaseUrl}/${name}`;
  return {
    refOf: (event) => refOf(account.name, event),
    allocate: (event) => allocate(oss, refOf(account.name, event), event),
    start: async ({ ref }) => {
      const config = await getOwn(oss, ref, 'PutLiveChannelStatus');
      if (config.status !== 'enabled') await oss.putChannelStatus(ref.name, 'enabled');
      return done(undefined);
    },
    createOutput: async ({ ref }) => createOutput(await getOwn(oss, ref, 'GetLiveChannelInfo'), ref),
    observe: async (channels) => {
      const observations = [];
      for (let i = 0; i < channels.length; i += parallelLooks) {
        const looks = channels.slice(i, i + parallelLooks).map(async ({ ref }) => {
          const stat = await oss.getChannelStat(ref.name);
          return observationOf(stat, Date.now());
        });
        observations.push(...(await Promise.all(looks)));
      }
      return observations;
    },
    reset: ({ ref }) => reset(oss, ref),
    stop: ({ ref }) => stop(oss, ref),
    publishVod: async ({ ref }, _output, windows) => {
      if (windows.length === 0) return done([]);
      const config = await getOwn(oss, ref, 'PostVodPlaylist');
      const recording = {
        channel: ref.name,
        baseUrl: baseUrl(ref.name),
        fragDurationSeconds: config.fragDuration,
        windows,
      };
      return publishRecording(oss, recording, Date.now());
    },
    fetchVod: (url, range, asset) => {
      const ours = `${settings.playbackBaseUrl}/`;
      if (!settings.signedPlayback || !url.startsWith(ours)) return oss.getPublic(url, range, asset);
      return oss.getSigned(decodeURIComponent(url.slice(ours.length).split('?')[0] ?? ''), range);
    },
    cleanUp: (ref) => cleanUp(oss, ref),
    ingest: async (channel) => [ingestOf(oss, settings, channel)],
    owned: async (cursor) => {
      const page = await oss.listChannels(namePrefix, cursor);
      const items = page.channels.flatMap(({ name, description }) => {
        const workflowId = ownerIn(description);
        return workflowId === undefined ? [] : [{ vendor, account: account.name, name, workflowId }];
      });
      return { items, ...(page.next && { next: page.next }) };
    },
  };
}

/** Put overwrites what is there and forgets its past, so it is never sent before looking. */
async function allocate(oss: Oss, ref: ChannelRef, event: EventSpec): Promise<Progress<Channel>> {
  const options = optionsOf(event);
  const wanted: ChannelConfig = {
    description: ownershipTagOf(ref.workflowId),
    status: 'disabled',
    fragDuration: options.fragDuration,
    fragCount: options.fragCount,
    playlistName: options.playlistName,
  };
  const existing = await find(oss, ref.name);
  if (existing) requireOwn(existing, ref, 'PutLiveChannel');
  if (existing?.status === 'enabled') await oss.putChannelStatus(ref.name, 'disabled');
  if (existing && (await isLive(oss, ref.name))) return notYet('OSS to drop an encoder of an earlier run', dropRetryMs);
  if (!existing || !sameTarget(existing, wanted)) await oss.putChannel(ref.name, wanted);
  const { playlistName, ingestExpiresSeconds } = options;
  return done({ ref, details: { playlistName, ingestExpiresSeconds } });
}

function optionsOf(event: EventSpec): Options {
  const parsed = optionsSchema.safeParse(event.options);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new VendorError(
    {
      kind: 'invalid-request',
      vendor,
      operation: 'PutLiveChannel',
      message,
      advice: 'correct vendorOptions in the plan',
    },
    { cause: parsed.error },
  );
}

const sameTarget = (a: ChannelConfig, b: ChannelConfig): boolean =>
  a.fragDuration === b.fragDuration && a.fragCount === b.fragCount && a.playlistName === b.playlistName;

/** The channel records by itself, into the bucket, under its live playlist. */
function createOutput({ playlistName }: ChannelConfig, ref: ChannelRef): Progress<Output> {
  if (playlistName) return done({ details: { playlistName } });
  throw new VendorError({
    kind: 'conflict',
    vendor,
    operation: 'GetLiveChannelInfo',
    resource: ref.name,
    message: 'the channel has no HLS target, so nothing would be recorded',
    advice: 'someone changed the channel; delete it and start the event again',
  });
}

/** Closing the channel drops the encoder, opening it lets the encoder back; a closed channel is a reset half done. */
async function reset(oss: Oss, ref: ChannelRef): Promise<Progress<void>> {
  const config = await getOwn(oss, ref, 'PutLiveChannelStatus');
  const live = await isLive(oss, ref.name);
  if (config.status === 'enabled') {
    if (!live) return done(undefined);
    await oss.putChannelStatus(ref.name, 'disabled');
    return notYet('OSS to drop the encoder', 1_000);
  }
  if (live) return notYet('OSS to drop the encoder', dropRetryMs);
  await oss.putChannelStatus(ref.name, 'enabled');
  return done(undefined);
}

async function stop(oss: Oss, ref: ChannelRef): Promise<Progress<StopEvidence>> {
  try {
    const closed = await close(oss, ref);
    if (closed === 'gone') return done({ sessions: [] });
    if (closed === 'live') return notYet('OSS to drop the encoder', dropRetryMs);
    return done({ sessions: sessionsOf(await oss.getChannelHistory(ref.name)) });
  } catch (error) {
    if (isChannelAbsent(error)) return done({ sessions: [] });
    throw error;
  }
}

async function cleanUp(oss: Oss, ref: ChannelRef): Promise<Progress<void>> {
  try {
    const closed = await close(oss, ref);
    if (closed === 'live') return notYet('OSS to drop the encoder', dropRetryMs);
    if (closed === 'idle') await oss.deleteChannel(ref.name);
    return done(undefined);
  } catch (error) {
    if (isChannelAbsent(error)) return done(undefined);
    if (isStillLive(error)) return notYet('OSS to drop the encoder', dropRetryMs);
    throw error;
  }
}

/** Blocks ingest, then looks. A foreign channel under our name is left alone: ours is gone. */
async function close(oss: Oss, ref: ChannelRef): Promise<'gone' | 'live' | 'idle'> {
  const config = await find(oss, ref.name);
  if (!config || ownerIn(config.description) !== ref.workflowId) return 'gone';
  if (config.status === 'enabled') await oss.putChannelStatus(ref.name, 'disabled');
  return (await isLive(oss, ref.name)) ? 'live' : 'idle';
}

const isLive = async (oss: Oss, name: string): Promise<boolean> => (await oss.getChannelStat(name)).status === 'Live';

async function find(oss: Oss, name: string): Promise<ChannelConfig | undefined> {
  try {
    return await oss.getChannel(name);
  } catch (error) {
    if (isChannelAbsent(error)) return undefined;
    throw error;
  }
}

async function getOwn(oss: Oss, ref: ChannelRef, operation: string): Promise<ChannelConfig> {
  const config = await oss.getChannel(ref.name);
  requireOwn(config, ref, operation);
  return config;
}

function requireOwn({ description }: ChannelConfig, ref: ChannelRef, operation: string): void {
  if (ownerIn(description) === ref.workflowId) return;
  throw new VendorError({
    kind: 'conflict',
    vendor,
    operation,
    resource: ref.name,
    message: `the channel exists without our ownership tag: its description is ${JSON.stringify(description)}`,
    advice: 'use another event id, or delete that channel if it is not needed',
  });
}

function ingestOf(oss: Oss, settings: Settings, { ref, details }: Channel): IngestEndpoint {
  const expiresAt = Math.floor(Date.now() / 1000) + Number(details.ingestExpiresSeconds);
  const query = oss.signedPublishQuery(ref.name, String(details.playlistName), expiresAt);
  const server = `${settings.ingestBaseUrl}/live`;
  const streamKey = `${ref.name}?${query}`;
  return { protocol: 'rtmp', url: `${server}/${streamKey}`, server, streamKey, expiresAt: expiresAt * 1000 };
}
