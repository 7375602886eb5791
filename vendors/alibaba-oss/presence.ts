import type { Channel, Observation, Session } from '../../domain/channel.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ChannelStat, PushRecord, Sdk } from './sdk.ts';

/** Rates begin at 0 just after connecting; only later does 0 mean that nothing comes. */
const settlingMs = 15_000;

export const observe = async (sdk: Sdk, { ref }: Channel): Promise<Observation> =>
  observationOf(await sdk.getChannelStat(ref.name), sdk.now());

export const isLive = async (sdk: Sdk, name: string): Promise<boolean> =>
  (await sdk.getChannelStat(name)).status === 'Live';

function observationOf(stat: ChannelStat, now: number): Observation {
  if (stat.status !== 'Live') return { encoder: 'absent', vendorState: stat.status };
  const since = instantOf(stat.connectedTime);
  const session = [stat.connectedTime, stat.remoteAddr].filter((part) => part !== undefined).join(' ');
  const silent = stat.video?.Bandwidth === '0' && since !== undefined && now - since > settlingMs;
  return {
    encoder: silent ? 'starved' : 'connected',
    vendorState: stat.status,
    ...(session && { session }),
    ...(since !== undefined && { since }),
    evidence: evidenceOf(stat),
  };
}

/** Oldest first, as OSS does not promise an order. */
export const sessionsOf = (records: readonly PushRecord[]): Session[] =>
  records
    .map(sessionOf)
    .filter((session) => session !== undefined)
    .sort((a, b) => a.startedAt - b.startedAt);

function sessionOf(record: PushRecord): Session | undefined {
  const startedAt = instantOf(record.startTime);
  if (startedAt === undefined) return undefined;
  const endedAt = instantOf(record.endTime);
  return {
    id: [record.startTime, record.remoteAddr].filter((part) => part !== undefined).join(' '),
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    ...(record.remoteAddr && { evidence: { remoteAddr: record.remoteAddr } }),
  };
}

function evidenceOf({ remoteAddr, video, audio }: ChannelStat): JsonObject {
  return {
    ...(remoteAddr && { remoteAddr }),
    ...(video && {
      videoCodec: video.Codec ?? '',
      size: `${video.Width}x${video.Height}`,
      frameRate: Number(video.FrameRate),
      videoBytesPerSecond: Number(video.Bandwidth),
    }),
    ...(audio && {
      audioCodec: audio.Codec ?? '',
      sampleRate: Number(audio.SampleRate),
      audioBytesPerSecond: Number(audio.Bandwidth),
    }),
  };
}

function instantOf(iso: string | undefined): number | undefined {
  const instant = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(instant) ? undefined : instant;
}
