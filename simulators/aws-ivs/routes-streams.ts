import { IvsError } from './errors.ts';
import { type Body, object, oneOf, pageOf, requiredText, rules, text } from './fields.ts';
import type { SessionRecord } from './records.ts';
import { type Handler, shown } from './routes-channels.ts';
import { recordingShown } from './routes-recordings.ts';
import type { IvsAccount } from './state.ts';

export const streamOperations: Record<string, Handler> = {
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStream.html)
  GetStream: (account, body) => {
    const session = liveOrRefuse(account, body);
    return { stream: { ...streamSummary(account, session), playbackUrl: session.channel.playbackUrl } };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreams.html)
  ListStreams: (account, body) => {
    const filter = object(body, 'filterBy') ?? {};
    const health = oneOf(filter, 'health', ['HEALTHY', 'STARVING', 'UNKNOWN']);
    const streams = account.listedStreams().filter((session) => !health || account.healthOf(session) === health);
    const { items, nextToken } = pageOf(streams, body, 100);
    return { streams: items.map((session) => streamSummary(account, session)), nextToken };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStreamSession.html)
  GetStreamSession: (account, body) => {
    const channel = account.channel(requiredText(body, 'channelArn', rules.channelArn));
    const streamId = text(body, 'streamId', rules.streamId);
    const sessions = account.sessionsOf(channel.arn);
    const session = streamId ? sessions.find((one) => one.streamId === streamId) : sessions.at(-1);
    if (!session) throw new IvsError('ResourceNotFoundException', `No stream session on ${channel.arn}`);
    return { streamSession: sessionShown(account, session) };
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamSessions.html)
  ListStreamSessions: (account, body) => {
    const channel = account.channel(requiredText(body, 'channelArn', rules.channelArn));
    // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamSessions.html),
    // in its example: the newest come first.
    const newestFirst = account.sessionsOf(channel.arn).map((session) => ({ session, seq: -session.seq }));
    const { items, nextToken } = pageOf(newestFirst, body, 100);
    return { streamSessions: items.map(({ session }) => sessionSummary(session)), nextToken };
  },
  /**
   * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_StopStream.html):
   * the encoder may come back at once, as long as its key exists.
   */
  StopStream: (account, body) => {
    const session = liveOrRefuse(account, body);
    account.kick(session.channel.arn, 'StopStream was called');
    return {};
  },
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_PutMetadata.html)
  PutMetadata: (account, body) => {
    requiredText(body, 'metadata', rules.metadata);
    liveOrRefuse(account, body);
    return undefined;
  },
};

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Stream.html):
 * a channel that is not live is answered with an error, not with the state OFFLINE.
 */
function liveOrRefuse(account: IvsAccount, body: Body): SessionRecord {
  const channel = account.channel(requiredText(body, 'channelArn', rules.channelArn));
  const session = account.liveStream(channel.arn);
  if (session) return session;
  throw new IvsError('ChannelNotBroadcasting', `Channel: ${channel.arn} is not broadcasting`);
}

const streamSummary = (account: IvsAccount, session: SessionRecord): object => ({
  channelArn: session.channel.arn,
  streamId: session.streamId,
  startTime: instant(session.startedAt),
  state: 'LIVE',
  health: account.healthOf(session),
  viewerCount: 0,
});

const sessionSummary = (session: SessionRecord): object => ({
  streamId: session.streamId,
  startTime: instant(session.startedAt),
  ...(session.endedAt !== undefined && { endTime: instant(session.endedAt) }),
  hasErrorEvent: false,
});

const instant = (at: number): string => new Date(at).toISOString();

function sessionShown(account: IvsAccount, session: SessionRecord): object {
  const video = videoOf(session);
  const audio = audioOf(session);
  const recording = session.recordingConfiguration;
  return {
    ...sessionSummary(session),
    hasErrorEvent: undefined,
    channel: shown(session.channel),
    ingestConfiguration: { video, audio },
    ingestConfigurations: { videoConfigurations: [video], audioConfigurations: [audio] },
    ...(recording && { recordingConfiguration: recordingShown(account, recording) }),
    truncatedEvents: session.events,
  };
}

/** Profile and level stay empty: they would need the sequence header read. documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_VideoConfiguration.html) */
function videoOf(session: SessionRecord): object {
  const { videoCodec, encoder, videoBitsPerSecond, frameRate, height, width } = session.push();
  return {
    avcProfile: '',
    avcLevel: '',
    codec: videoCodec ?? '',
    encoder: encoder ?? '',
    targetBitrate: Math.round(videoBitsPerSecond ?? 0),
    targetFramerate: Math.round(frameRate ?? 0),
    videoHeight: height ?? 0,
    videoWidth: width ?? 0,
    track: 'Track0',
  };
}

function audioOf(session: SessionRecord): object {
  const { audioCodec, audioBitsPerSecond, audioSampleRate, audioChannels } = session.push();
  return {
    codec: audioCodec ?? '',
    targetBitrate: Math.round(audioBitsPerSecond ?? 0),
    sampleRate: audioSampleRate ?? 0,
    channels: audioChannels ?? 0,
    track: 'Track0',
  };
}
