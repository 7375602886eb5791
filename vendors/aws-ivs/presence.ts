import type { Channel, LiveChannel, Observation, Session, StopEvidence } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { done, notYet, type Progress } from '../driver.ts';
import { allOf, pageOf, pagesOf } from '../pages.ts';
import { unlessAbsent, unlessCode } from './errors.ts';
import { detail, vendor } from './names.ts';
import type { LiveStream, Sdk, StreamSession, StreamSessionSummary } from './sdk.ts';

/** How long a session counts as new, so that its ingest configuration is worth another call. */
const youngMs = 60_000;
/** IVS allows 5 calls a second of each kind: of many sessions only the newest are looked into. */
const maxDetailedSessions = 10;
const maxSessionPages = 5;
const maxEvents = 20;

export async function observe(sdk: Sdk, channel: Channel): Promise<Observation> {
  const arn = detail(channel, 'arn');
  const stream = await liveStream(sdk, arn);
  if (!stream) return { encoder: 'absent', vendorState: 'OFFLINE' };
  const seen = observationOf(stream);
  const young = seen.since !== undefined && sdk.now() - seen.since < youngMs;
  const ingest = young && seen.session ? await ingestEvidence(sdk, arn, seen.session) : undefined;
  return ingest ? { ...seen, evidence: { ...seen.evidence, ...ingest } } : seen;
}

/** All live streams of the account, a hundred a page. */
export async function listLive(sdk: Sdk): Promise<LiveChannel[]> {
  const streams = await allOf({ vendor, operation: 'ListStreams' }, async (cursor) => {
    const page = await sdk.listStreams({ maxResults: 100, nextToken: cursor });
    return pageOf(page.streams ?? [], page.nextToken);
  });
  return streams.flatMap((stream) =>
    stream.channelArn && stream.state !== 'OFFLINE'
      ? [{ channel: stream.channelArn, observation: observationOf(stream) }]
      : [],
  );
}

/** Undefined when IVS says that the channel is not broadcasting; a channel that is gone stays an error. */
async function liveStream(sdk: Sdk, arn: string): Promise<LiveStream | undefined> {
  const stream = await unlessCode(sdk.getStream(arn), 'ChannelNotBroadcasting');
  return stream?.state === 'OFFLINE' ? undefined : stream;
}

function observationOf(stream: LiveStream): Observation {
  const { streamId, startTime, health, state, viewerCount } = stream;
  return {
    encoder: health === 'STARVING' ? 'starved' : 'connected',
    ...(streamId && { session: streamId }),
    ...(startTime && { since: startTime.getTime() }),
    vendorState: [state, health].filter(Boolean).join(' '),
    // -1 means that the count took too long.
    ...(viewerCount !== undefined && viewerCount >= 0 && { evidence: { viewerCount } }),
  };
}

/** Presence is known without it: whatever goes wrong here is left for the next look. */
async function ingestEvidence(sdk: Sdk, arn: string, streamId: string): Promise<JsonObject | undefined> {
  try {
    const session = await sdk.getStreamSession(arn, streamId);
    return session && ingestOf(session);
  } catch (error) {
    if (error instanceof VendorError) return undefined;
    throw error;
  }
}

function ingestOf(session: StreamSession): JsonObject {
  const { video, audio } = session.ingestConfiguration ?? {};
  return present({
    videoCodec: video?.codec,
    width: video?.videoWidth,
    height: video?.videoHeight,
    framerate: video?.targetFramerate,
    videoBitrate: video?.targetBitrate,
    encoder: video?.encoder,
    audioCodec: audio?.codec,
    audioBitrate: audio?.targetBitrate,
    sampleRate: audio?.sampleRate,
  });
}

/** Nothing sends, and nothing can. A key that is deleted drops no encoder: its stream would stay on air, and be billed. */
export async function closeDown(sdk: Sdk, arn: string): Promise<Progress<void>> {
  const blocked = await keysGone(sdk, arn, await deleteKeys(sdk, arn));
  if (!blocked.done || !(await unlessAbsent(liveStream(sdk, arn)))) return blocked;
  await stopStream(sdk, arn);
  return streamEnded(sdk, arn);
}

/** As `closeDown`, for a show: stopped before IVS is asked whether all is gone, because at a full hour the looks of all shows wait for each other. */
export async function endShow(sdk: Sdk, arn: string): Promise<Progress<void>> {
  const hadKeys = await deleteKeys(sdk, arn);
  await stopStream(sdk, arn);
  const blocked = await keysGone(sdk, arn, hadKeys);
  return blocked.done ? streamEnded(sdk, arn) : blocked;
}

/** No key, no stream: until `start` makes one no encoder can send. A channel that is gone is closed too. False where there are none. */
async function deleteKeys(sdk: Sdk, arn: string): Promise<boolean> {
  const keys = (await unlessAbsent(sdk.listStreamKeys(arn))) ?? [];
  for (const key of keys) await unlessAbsent(sdk.deleteStreamKey(key.arn));
  return keys.length > 0;
}

/** The answer to a deletion is empty, so that a proxy could give it too: the list says whether the key is gone. */
async function keysGone(sdk: Sdk, arn: string, hadKeys: boolean): Promise<Progress<void>> {
  if (!hadKeys) return done(undefined);
  const left = (await unlessAbsent(sdk.listStreamKeys(arn))) ?? [];
  return left.length === 0 ? done(undefined) : notYet(`the stream key of ${arn} to be deleted`, 1_000);
}

async function streamEnded(sdk: Sdk, arn: string): Promise<Progress<void>> {
  if (!(await unlessAbsent(liveStream(sdk, arn)))) return done(undefined);
  return notYet(`the stream on ${arn} to end`, 1_000);
}

/** Done as well where nothing sends. */
export const stopStream = (sdk: Sdk, arn: string): Promise<unknown> =>
  unlessCode(sdk.stopStream(arn), 'ChannelNotBroadcasting', 'ResourceNotFoundException');

/** IVS's own record of the push sessions, oldest first. */
export async function sessionsOf(sdk: Sdk, arn: string): Promise<StopEvidence> {
  const { summaries, complete } = await listSessions(sdk, arn);
  const detailedFrom = Math.max(0, summaries.length - maxDetailedSessions);
  const sessions: Session[] = [];
  for (const [index, summary] of summaries.entries())
    sessions.push(index < detailedFrom ? sessionOf(summary) : await detailedSession(sdk, arn, summary));
  const withErrors = summaries.filter((summary) => summary.hasErrorEvent).length;
  return { sessions, evidence: { sessions: summaries.length, complete, withErrors } };
}

async function listSessions(sdk: Sdk, arn: string): Promise<{ summaries: StreamSessionSummary[]; complete: boolean }> {
  const summaries: StreamSessionSummary[] = [];
  let pages = 0;
  let complete = false;
  const list = { vendor, operation: 'ListStreamSessions', resource: arn };
  for await (const page of pagesOf(list, async (cursor) => {
    const { streamSessions = [], nextToken } = await sdk.listStreamSessions(arn, cursor);
    complete = !nextToken;
    return pageOf(streamSessions, nextToken);
  })) {
    summaries.push(...page);
    pages += 1;
    if (pages === maxSessionPages) break;
  }
  summaries.sort((a, b) => Number(a.startTime) - Number(b.startTime));
  return { summaries, complete };
}

async function detailedSession(sdk: Sdk, arn: string, summary: StreamSessionSummary): Promise<Session> {
  const plain = sessionOf(summary);
  const session = plain.id ? await unlessAbsent(sdk.getStreamSession(arn, plain.id)) : undefined;
  if (!session) return plain;
  const endedAt = plain.endedAt ?? session.endTime?.getTime() ?? streamEndOf(session);
  const evidence = { ...ingestOf(session), events: eventsOf(session) };
  return { ...plain, ...(endedAt !== undefined && { endedAt }), evidence };
}

const sessionOf = ({ streamId, startTime, endTime, hasErrorEvent }: StreamSessionSummary): Session => ({
  ...(streamId && { id: streamId }),
  startedAt: startTime?.getTime() ?? 0,
  ...(endTime && { endedAt: endTime.getTime() }),
  ...(hasErrorEvent && { evidence: { hasErrorEvent } }),
});

/** The end of a session from its events: IVS does not set `endTime` on every session. */
const streamEndOf = (session: StreamSession): number | undefined =>
  session.truncatedEvents?.find((event) => event.name === 'Stream End')?.eventTime?.getTime();

/** Newest first, as IVS gives them. */
const eventsOf = (session: StreamSession): JsonObject[] =>
  (session.truncatedEvents ?? [])
    .slice(0, maxEvents)
    .map(({ name, type, code, eventTime }) => present({ name, type, code, at: eventTime?.getTime() }));

/** Without what the vendor left out. */
function present(facts: Record<string, string | number | undefined>): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(facts)) if (value !== undefined && value !== '') kept[key] = value;
  return kept;
}
