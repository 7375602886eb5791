import type { Channel, ChannelRef, EventSpec, IngestEndpoint } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { noteBilling } from '../call.ts';
import type { DriverContext } from '../context.ts';
import { done, notYet, type Progress, type VendorDriver } from '../driver.ts';
import type { Account } from '../manifest.ts';
import { heldUntil, isReleased, releasedUntil } from './ban.ts';
import { expiryIn, namePrefix, ownerOf, refOf, vendor } from './names.ts';
import { type ChannelDetails, detailsFor, detailsOf, optionsOf, outputDetailsOf, settingsOf } from './options.ts';
import { createOutput, ensureRecordPreset, requirePreset } from './output.ts';
import { requireOwn } from './ownership.ts';
import { playback, viewerUrl } from './playback.ts';
import { preflight } from './preflight.ts';
import { allPages, listLive, liveNow, observe, rfc3339, sendingNow, sessionsOf } from './presence.ts';
import { createRelays, type Relays } from './relay.ts';
import { createSdk, type Sdk } from './sdk.ts';
import type { ForbiddenStream } from './shapes.ts';
import { fetchVod, publishVod } from './vod.ts';

const second = 1000;
const day = 24 * 3600 * second;

export function createDriver(account: Account, context: DriverContext): VendorDriver {
  const settings = settingsOf(account);
  const sdk = createSdk(settings, context);
  const relays = createRelays(sdk, settings);

  async function start(channel: Channel): Promise<Progress<void>> {
    requireOwn(channel.ref, 'ResumeStream');
    const { name } = channel.ref;
    const details = detailsOf(channel);
    if ((await sdk.streamState(name)) === 'forbidden') {
      const ban = await banOf(sdk, name);
      if (ban && isReleased(ban)) throw released(name);
      await sdk.resume(name);
      if ((await sdk.streamState(name)) === 'forbidden') return notYet('the vendor to open the stream', second);
    }
    if (details.sources.length > 0) {
      await relays.ensure(name, details);
      noteBilling({ resource: 'relay', name, state: 'running', at: sdk.now() });
    }
    return done(undefined);
  }

  return {
    refOf: (event) => refOf(account.name, event),

    preflight: (event, planned) => preflight(sdk, settings, event, planned),

    async allocate(event) {
      const ref = refOf(account.name, { ...event, kept: event.made?.name });
      const { name } = ref;
      requireOwn(ref, 'ForbidStream');
      const details = detailsFor(event, optionsOf(event));
      relays.check(name, details);
      if (details.record === 'preset') await requirePreset(sdk, settings, name);
      const closed = (await staysOpen(sdk, ref, event)) ? done(undefined) : await hold(sdk, name);
      return closed.done ? done({ ref, details: { ...details } }) : closed;
    },

    start,

    createOutput: (channel) => createOutput(sdk, settings, channel),

    observe: (channel) => observe(sdk, channel),
    listLive: () => listLive(sdk),

    playback: (channel) => playback(sdk, channel),
    viewerUrl: (channel, url) => viewerUrl(sdk, channel, url),

    async reset(channel, _output, isBack) {
      requireOwn(channel.ref, 'KillStream');
      const { name } = channel.ref;
      // A stream that is forbidden lets no encoder in.
      if ((await sdk.streamState(name)) === 'forbidden') {
        const opened = await start(channel);
        return opened.done ? done(undefined) : opened;
      }
      if ((await sendingNow(sdk, name)) && !(await isBack?.())) await sdk.kill(name);
      return done(undefined);
    },

    async stop(channel) {
      requireOwn(channel.ref, 'ForbidStream');
      const { name } = channel.ref;
      const { sources, startsAt } = detailsOf(channel);
      const closed = await closeDown(sdk, sources.length > 0 ? relays : undefined, name);
      return closed.done ? done({ sessions: await sessionsOf(sdk, name, startsAt - day) }) : closed;
    },

    publishVod: (channel, output, windows) =>
      publishVod(sdk, settings, channel.ref.name, detailsOf(channel), outputDetailsOf(output), windows),

    fetchVod: (url, range, asset) => fetchVod(sdk, url, range, asset),

    async cleanUp(ref) {
      requireOwn(ref, 'ForbidStream');
      const leaveForbidden = !settings.resumesAfterwards;
      if (!leaveForbidden && (await isQuiet(sdk, relays, ref.name))) return done(undefined);
      const closed = await closeDown(sdk, relays, ref.name);
      if (!closed.done) return closed;
      if (leaveForbidden) return release(sdk, ref.name);
      await sdk.resume(ref.name);
      const state = await sdk.streamState(ref.name);
      return state === 'forbidden' ? notYet('the vendor to open the stream', second) : done(undefined);
    },

    ingest: (channel) => ingest(sdk, channel.ref.name, detailsOf(channel)),

    async owned() {
      const bans = await allPages('DescribeForbiddenStreamInfoByPage', (PageNum) =>
        sdk.forbiddenStreams({ Stream: namePrefix, QueryType: 'fuzzy', PageNum }),
      );
      const held = bans.filter((ban) => ban.Status !== false && !isReleased(ban)).map((ban) => ban.Stream);
      const live = (await liveNow(sdk)).map((stream) => stream.Stream);
      const names = new Set([...held, ...live, ...(await relays.streams())]);
      const items = [...names].flatMap((name): ChannelRef[] => {
        const workflowId = ownerOf(name);
        return workflowId ? [{ vendor, account: account.name, name, workflowId }] : [];
      });
      return { items };
    },

    setUp: () => ensureRecordPreset(sdk, settings),
  };
}

async function banOf(sdk: Sdk, name: string): Promise<ForbiddenStream | undefined> {
  const page = await sdk.forbiddenStreams({ Stream: name, QueryType: 'strict', PageNum: 1 });
  return page.items.find((ban) => ban.Stream === name && ban.Status !== false);
}

/**
 * The stream of a show that is joined, and one of this run's own name with an encoder: its publish URL is given out once
 * the stream was held. One without an encoder may not have been held yet, and nothing at the vendor says which.
 */
async function staysOpen(sdk: Sdk, ref: ChannelRef, { joins, eventId, workflowId, run }: EventSpec): Promise<boolean> {
  const isNamedAfterRun = run !== undefined && ref.name === refOf(ref.account, { eventId, workflowId, run }).name;
  if (!joins && !isNamedAfterRun) return false;
  const state = await sdk.streamState(ref.name);
  return joins ? state !== 'forbidden' : state === 'online';
}

/** Forbids the stream until `start`, by a ban whose end says that an event needs it, and drops an encoder. */
async function hold(sdk: Sdk, name: string): Promise<Progress<void>> {
  const state = await sdk.streamState(name);
  const ban = state === 'forbidden' ? await banOf(sdk, name) : undefined;
  if (state !== 'forbidden' || (ban && isReleased(ban))) await sdk.forbid(name, heldUntil(sdk.now()));
  if ((await sdk.streamState(name)) !== 'forbidden') return notYet('the vendor to forbid the stream', second);
  return state === 'online' ? dropEncoder(sdk, name) : done(undefined);
}

/** Forbids the stream by a ban whose end says that the event is over. */
async function release(sdk: Sdk, name: string): Promise<Progress<void>> {
  const before = await banOf(sdk, name);
  if (before && isReleased(before)) return done(undefined);
  await sdk.forbid(name, releasedUntil(sdk.now()));
  const now = await banOf(sdk, name);
  return now && isReleased(now) ? done(undefined) : notYet('the vendor to show the ban as released', second);
}

/** The relay first: a stream that is forbidden while its relay stays would be pulled for nothing, and paid for. */
async function closeDown(sdk: Sdk, relays: Relays | undefined, name: string): Promise<Progress<void>> {
  await relays?.remove(name);
  if (relays) noteBilling({ resource: 'relay', name, state: 'off', at: sdk.now() });
  if ((await sdk.streamState(name)) !== 'forbidden') {
    await sdk.forbid(name, heldUntil(sdk.now()));
    if ((await sdk.streamState(name)) !== 'forbidden') return notYet('the vendor to forbid the stream', second);
  }
  return dropEncoder(sdk, name);
}

/** It is nowhere documented whether forbidding drops a connection that is already there. */
async function dropEncoder(sdk: Sdk, name: string): Promise<Progress<void>> {
  if (!(await sendingNow(sdk, name))) return done(undefined);
  await sdk.kill(name);
  return (await sendingNow(sdk, name)) ? notYet('the vendor to drop the stream', 2 * second) : done(undefined);
}

async function isQuiet(sdk: Sdk, relays: Relays, name: string): Promise<boolean> {
  if ((await sdk.streamState(name)) !== 'offline' || (await sendingNow(sdk, name))) return false;
  return !(await relays.exists(name));
}

const released = (name: string): VendorError =>
  new VendorError({
    kind: 'not-found',
    vendor,
    operation: 'ResumeStream',
    resource: name,
    message: 'the stream was released by a clean-up and is not opened again',
    advice: 'allocate it again',
  });

/** Nothing pushes to a stream that is pulled. */
async function ingest(sdk: Sdk, name: string, details: ChannelDetails): Promise<IngestEndpoint[]> {
  if (details.sources.length > 0) return [];
  const expiresAt = Math.ceil(details.hardEndsAt / second) * second;
  const urls = await sdk.pushUrls(name, rfc3339(expiresAt));
  return (urls.PushURLList ?? []).flatMap((url): IngestEndpoint[] => {
    const cut = url.split('?', 1)[0]?.lastIndexOf('/') ?? -1;
    const protocol = /^(rtmps?|srt):/.exec(url)?.[1];
    if (!protocol || cut < 0) return [];
    return [
      {
        protocol: protocol === 'rtmps' ? 'rtmps' : protocol === 'srt' ? 'srt' : 'rtmp',
        url,
        server: url.slice(0, cut),
        streamKey: url.slice(cut + 1),
        expiresAt: expiryIn(url) ?? expiresAt,
      },
    ];
  });
}
