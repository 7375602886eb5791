import type { Channel, ChannelRef, EventSpec, IngestEndpoint } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import type { DriverContext } from '../context.ts';
import { done, type IsBack, notYet, type Page, type Progress, type VendorDriver } from '../driver.ts';
import type { Account } from '../manifest.ts';
import { namedAsMade } from '../naming.ts';
import { pageOf } from '../pages.ts';
import { isCode, unlessAbsent } from './errors.ts';
import { createIamSdk, type IamSdk } from './iam-sdk.ts';
import { detail, madeAtTag, refOf, runTag, vendor, workflowTag } from './names.ts';
import { type Options, optionsOf, type Settings, settingsOf } from './options.ts';
import { createOutput } from './output.ts';
import { channelsNamed, getOwn, requireOwn } from './ownership.ts';
import { playback, viewerUrl } from './playback.ts';
import { preflight } from './preflight.ts';
import { closeDown, endShow, listLive, observe, sessionsOf, stopStream } from './presence.ts';
import { type RecordingFinder, recordingFinder } from './recording.ts';
import { type ChannelSummary, createSdk, type Sdk } from './sdk.ts';
import { Unlisted } from './unlisted.ts';
import { fetchVod, publishVod } from './vod.ts';

/** How long a change at IVS takes to show in its lists. */
const settleMs = 1_000;

/** Everything a method needs. */
interface Deps {
  sdk: Sdk;
  settings: Settings;
  account: string;
  recordings: RecordingFinder;
  unlisted: Unlisted;
}

/** Amazon IVS behind the port. Throws `invalid-request` when the account's settings cannot be used. */
export function createDriver(account: Account, context: DriverContext): VendorDriver {
  const settings = settingsOf(account);
  const sdk = createSdk(settings, context);
  let iamSdk: IamSdk | undefined;
  const iam = () => {
    iamSdk ??= createIamSdk(settings, context);
    return iamSdk;
  };
  const deps: Deps = {
    sdk,
    settings,
    account: account.name,
    recordings: recordingFinder(sdk, settings),
    unlisted: new Unlisted(),
  };
  return {
    refOf: (event) => refOf(account.name, event),
    preflight: (event, planned) => preflight({ ...sdk, iam: iam() }, settings, event, planned),
    allocate: (event) => allocate(deps, event),
    start: (channel) => start(sdk, channel),
    createOutput: (channel) => createOutput(sdk, deps.recordings, channel),
    observe: (channel) => observe(sdk, channel),
    listLive: () => listLive(sdk),
    listProves: true,
    playback: (channel) => playback(sdk, channel),
    viewerUrl: (channel, url) => viewerUrl(sdk, settings.playbackKey, channel, url),
    reset: (channel, _output, isBack) => reset(sdk, channel, isBack),
    stop: (channel) => stop(sdk, channel),
    publishVod: (channel, output, windows) => publishVod(sdk, settings, channel, output, windows),
    fetchVod: (url, range, asset) => fetchVod(sdk, url, range, asset),
    cleanUp: (ref) => cleanUp(deps, ref),
    ingest: (channel) => ingest(deps, channel),
    owned: (cursor) => owned(deps, cursor),
    setUp: () => setUp(deps),
  };
}

/**
 * IVS knows neither unique names nor request tokens. So what was made counts only when a later look finds it: callers
 * that race all see the same channels then, keep the same one and delete the others.
 */
async function allocate(deps: Deps, event: EventSpec): Promise<Progress<Channel>> {
  const { sdk } = deps;
  const options = optionsOf(event);
  const ref = namedAsMade(refOf(deps.account, event), event);
  deps.unlisted.begin(ref.name);
  const { own, foreign } = await channelsNamed(sdk, ref);
  const [kept, ...doubles] = own;
  if (!kept && foreign[0]) requireOwn(foreign[0], ref, 'CreateChannel');
  const recording = await deps.recordings.find(options);
  if (!recording.done) return recording;
  const shown = kept?.arn ? done(kept.arn) : await unlistedOne(deps, event, ref);
  if (!shown) return makeChannel(deps, ref, options, recording.value.arn);
  if (!shown.done) return shown;
  for (const { arn } of doubles) {
    const gone = arn ? await remove(sdk, arn) : done(undefined);
    if (!gone.done) return gone;
  }
  if (await staysOpen(sdk, event, shown.value)) return asItIs(sdk, ref, event, shown.value);
  const closed = await closeDown(sdk, shown.value);
  if (!closed.done) return closed;
  const settled = await settle(sdk, ref, event, shown.value, wanted(options, recording.value.arn));
  if (settled.done) deps.unlisted.forget(ref.name);
  return settled;
}

/** The channel that was made and that no list shows yet: IVS may know it sooner by its ARN. Undefined when one may be made. */
async function unlistedOne(
  { sdk, unlisted }: Deps,
  { made }: EventSpec,
  ref: ChannelRef,
): Promise<Progress<string> | undefined> {
  if (made?.id) unlisted.add(ref.name, made.id);
  const arn = unlisted.arnOf(ref.name);
  if (!arn) return undefined;
  const own = await unlessAbsent(getOwn(sdk, ref, 'GetChannel', arn));
  return own ? done(arn) : unlisted.wait(ref.name);
}

async function makeChannel(
  { sdk, unlisted }: Deps,
  ref: ChannelRef,
  { tags, ...options }: Options,
  recordingConfigurationArn: string,
): Promise<Progress<Channel>> {
  const ownership = { [workflowTag]: ref.workflowId, [madeAtTag]: new Date(sdk.now()).toISOString() };
  const input = { ...wanted(options, recordingConfigurationArn), name: ref.name, tags: { ...tags, ...ownership } };
  // A recording configuration that another creator swept as a double is chosen anew.
  const made = await unlisted.ask(ref.name, () => unlessAbsent(sdk.createChannel(input)));
  if (made?.channel?.arn) unlisted.add(ref.name, made.channel.arn);
  if (made?.streamKey?.arn) await unlessAbsent(sdk.deleteStreamKey(made.streamKey.arn));
  return notYet(`the new channel ${ref.name} to show`, settleMs, made?.channel?.arn);
}

const wanted = (
  { tags, reconnectWindowSeconds, ...settings }: Options,
  recordingConfigurationArn: string,
): Partial<ChannelSummary> => ({ ...settings, recordingConfigurationArn });

/** Open to the encoder of the show that is joined, or by this run's own start. The key of an earlier run lets its encoder in. */
async function staysOpen(sdk: Sdk, { joins, run }: EventSpec, arn: string): Promise<boolean> {
  const keys = (await unlessAbsent(sdk.listStreamKeys(arn))) ?? [];
  return keys.some(({ tags }) => joins || (run !== undefined && tags[runTag] === run));
}

/** The channel of a show under way is left alone: IVS changes none that is live. */
async function asItIs(sdk: Sdk, ref: ChannelRef, event: EventSpec, arn: string): Promise<Progress<Channel>> {
  const channel = await unlessAbsent(sdk.getChannel(arn));
  return channel
    ? done(channelOf(ref, event, arn, channel))
    : notYet(`the deletion of ${arn} to show in the list`, settleMs);
}

/** A channel left from an earlier run may be set up in another way. */
async function settle(
  sdk: Sdk,
  ref: ChannelRef,
  event: EventSpec,
  arn: string,
  want: Partial<ChannelSummary>,
): Promise<Progress<Channel>> {
  const channel = await unlessAbsent(sdk.getChannel(arn));
  if (!channel) return notYet(`the deletion of ${arn} to show in the list`, settleMs);
  const drifted = Object.entries(want).some(([key, value]) => channel[key as keyof ChannelSummary] !== value);
  if (!drifted) return done(channelOf(ref, event, arn, channel));
  try {
    await sdk.updateChannel({ arn, ...want });
  } catch (error) {
    if (!isCode(error, 'ConflictException')) throw error;
    await stopStream(sdk, arn);
  }
  return notYet(`the settings of ${arn} to change`, settleMs);
}

const channelOf = (
  ref: ChannelRef,
  { run }: EventSpec,
  arn: string,
  { ingestEndpoint = '', playbackUrl = '' }: { ingestEndpoint?: string; playbackUrl?: string },
): Channel => ({
  ref: { ...ref, id: arn },
  details: { arn, ingestEndpoint, playbackUrl, ...(run !== undefined && { run }) },
});

async function start(sdk: Sdk, channel: Channel): Promise<Progress<void>> {
  const arn = detail(channel, 'arn');
  await getOwn(sdk, channel.ref, 'CreateStreamKey', arn);
  if ((await sdk.listStreamKeys(arn)).length > 0) return done(undefined);
  try {
    await sdk.createStreamKey(arn, { [workflowTag]: channel.ref.workflowId, ...runTagOf(channel) });
  } catch (error) {
    // A channel has one key at most: the refusal may only mean that another caller was faster.
    if (!isCode(error, 'ServiceQuotaExceededException') || (await sdk.listStreamKeys(arn)).length === 0) throw error;
  }
  // The key counts when the list shows it, whatever was answered.
  const keys = await sdk.listStreamKeys(arn);
  return keys.length > 0 ? done(undefined) : notYet(`the stream key of ${arn} to show in the list`, settleMs);
}

/** None where an earlier version allocated. */
const runTagOf = ({ details: { run } }: Channel): Record<string, string> =>
  typeof run === 'string' ? { [runTag]: run } : {};

async function reset(sdk: Sdk, channel: Channel, isBack?: IsBack): Promise<Progress<undefined>> {
  const arn = detail(channel, 'arn');
  await getOwn(sdk, channel.ref, 'StopStream', arn);
  if (!(await isBack?.())) await stopStream(sdk, arn);
  // Without its key no encoder comes back.
  const opened = await start(sdk, channel);
  return opened.done ? done(undefined) : opened;
}

async function stop(sdk: Sdk, channel: Channel) {
  const arn = detail(channel, 'arn');
  if (!(await unlessAbsent(getOwn(sdk, channel.ref, 'StopStream', arn)))) return done({ sessions: [] });
  const closed = await endShow(sdk, arn);
  if (!closed.done) return closed;
  return done((await unlessAbsent(sessionsOf(sdk, arn))) ?? { sessions: [] });
}

async function cleanUp({ sdk, unlisted }: Deps, ref: ChannelRef): Promise<Progress<void>> {
  const made = unlisted.arnOf(ref.name);
  for (const arn of new Set([...(await channelsToRemove(sdk, ref)), ...(made ? [made] : [])])) {
    const gone = await remove(sdk, arn);
    if (!gone.done) return gone;
  }
  // A channel whose creation was not answered is known by no ARN, and shows in the list when that has settled.
  const unseen = ref.unfinished ? unlisted.mayStillShow(ref.name) : undefined;
  if (unseen) return unseen;
  unlisted.forget(ref.name);
  return done(undefined);
}

/**
 * By id and by name: a lost response or a race may have left more than the id shows. A channel of our name with the tag of
 * another workflow is not ours. One that lost its tag may be, and so is the one of our id whose tag was changed: it costs,
 * so it is a conflict until an operator decides.
 */
async function channelsToRemove(sdk: Sdk, ref: ChannelRef): Promise<Set<string>> {
  const { own, foreign } = await channelsNamed(sdk, ref);
  const arns = new Set(own.flatMap((channel) => channel.arn ?? []));
  if (ref.id && !arns.has(ref.id) && (await unlessAbsent(getOwn(sdk, ref, 'DeleteChannel', ref.id)))) {
    arns.add(ref.id);
  }
  const untagged = foreign.find(({ tags }) => !tags?.[workflowTag]);
  if (untagged && !ref.id) requireOwn(untagged, ref, 'DeleteChannel');
  return arns;
}

async function remove(sdk: Sdk, arn: string): Promise<Progress<void>> {
  const closed = await closeDown(sdk, arn);
  if (!closed.done) return closed;
  try {
    await unlessAbsent(sdk.deleteChannel(arn));
    // The answer to a deletion has no content, so that a proxy could give it too: the channel is gone when IVS says so.
    return (await unlessAbsent(sdk.getChannel(arn))) ? notYet(`the deletion of ${arn}`, settleMs) : done(undefined);
  } catch (error) {
    if (isCode(error, 'ConflictException')) return notYet(`the stream on ${arn} to end`, settleMs);
    throw error;
  }
}

async function ingest({ sdk, settings }: Deps, channel: Channel): Promise<IngestEndpoint[]> {
  const arn = detail(channel, 'arn');
  const { ingestEndpoint = '', insecureIngest } = await getOwn(sdk, channel.ref, 'GetStreamKey', arn);
  const [listed] = await sdk.listStreamKeys(arn);
  const key = listed ? (await unlessAbsent(sdk.getStreamKey(listed.arn)))?.value : undefined;
  if (!key) throw closedToEncoders(arn);
  const secure = settings.ingestUrlTemplate.replaceAll('{ingestEndpoint}', ingestEndpoint);
  const servers = [secure, ...(insecureIngest && secure.startsWith('rtmps:') ? [`rtmp://${ingestEndpoint}/app/`] : [])];
  return servers.map((server) => endpointOf(server, key));
}

const endpointOf = (server: string, streamKey: string): IngestEndpoint => ({
  protocol: server.startsWith('rtmps:') ? 'rtmps' : 'rtmp',
  url: server + streamKey,
  server,
  streamKey,
});

const closedToEncoders = (arn: string): VendorError =>
  new VendorError({
    vendor,
    operation: 'GetStreamKey',
    kind: 'not-found',
    resource: arn,
    message: 'the channel has no stream key',
    advice: 'It is closed to encoders before its start and after its stop; ask again once it has started.',
  });

async function owned({ sdk, account }: Deps, cursor?: string): Promise<Page<ChannelRef>> {
  const { channels = [], nextToken } = await sdk.listChannels({ maxResults: 100, nextToken: cursor });
  const items = channels.flatMap(({ arn, name = '', tags }) => {
    const workflowId = tags?.[workflowTag];
    return arn && workflowId ? { vendor, account, name, id: arn, workflowId } : [];
  });
  return pageOf(items, nextToken);
}

/** The recording configuration that events without a reconnect window share; IVS needs a moment to check its bucket. */
async function setUp({ settings, recordings }: Deps): Promise<string[]> {
  if (!settings.recordingBucket) return [];
  const recording = await recordings.find({});
  return [
    recording.done ? `recording configuration ${recording.value.arn} is ready` : `waiting for ${recording.waitingFor}`,
  ];
}
