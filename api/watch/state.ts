import type { Channel } from '../../domain/channel.ts';
import { acceptsEncoder, isOver } from '../../domain/phases.ts';
import type { EventStatus, LegStatus } from '../../domain/report.ts';
import { inside } from '../../domain/spans.ts';
import { type Cut, cutsOf } from './cut.ts';

/** Of a status what viewers need. `isRetryUnknown`: what came of publishing its recording again could not be seen now. */
export type Watched = { isRetryUnknown?: boolean } & Pick<
  EventStatus,
  | 'tenant'
  | 'phase'
  | 'startsAt'
  | 'channel'
  | 'playback'
  | 'onAir'
  | 'entered'
  | 'vod'
  | 'legs'
  | 'legsOnAir'
  | 'recording'
>;

/** One live stream of an event: one for each of its legs. */
export interface LiveSource {
  /** HLS. */
  url: string;
  channel: Channel;
  /** What a request needs besides the address. */
  needs?: 'viewer-token' | 'signature';
}

/** What an event's address leads to now. */
export type WatchState =
  /** Nothing yet, or nothing more until the recording is proved. */
  | { kind: 'later'; why: string; retryAfterSeconds: number }
  /** The source that viewers should get comes first. */
  | { kind: 'live'; sources: readonly [LiveSource, ...LiveSource[]] }
  /** The proved recordings, oldest first. */
  | { kind: 'recording'; urls: readonly [string, ...string[]]; cuts?: readonly Cut[] }
  | { kind: 'nothing'; why: string };

const soonestSeconds = 3;
const latestSeconds = 60;
const provingSeconds = 5;
/**
 * For so long an encoder may be connected before viewers are sent to a playlist in which nothing new was seen: what lies there
 * may be of an earlier show. After that the address decides, because it may be only us who cannot see.
 */
const darkMs = 30_000;

/** @param now epoch milliseconds */
export function watchStateOf(watched: Watched, now: number): WatchState {
  const { phase, startsAt, vod } = watched;
  const cuts = cutsOfLegs(watched);
  const [first, ...others] =
    cuts?.map(({ url }) => url) ?? vod.flatMap(({ url, proof }) => (proof.proved ? [url] : []));
  const isWhole = vod.length > 0 && vod.every(({ proof }) => proof.proved);
  if (first !== undefined && (isWhole || isOver(phase))) {
    const elsewhere = [first, ...others].find((url) => !/^https?:/.test(url));
    if (elsewhere === undefined) return { kind: 'recording', urls: [first, ...others], ...(cuts && { cuts }) };
    return {
      kind: 'nothing',
      why: `its recording lies at ${elsewhere.split(':', 1)[0]}: addresses, which no player reads`,
    };
  }
  if (isOver(phase) && watched.isRetryUnknown) {
    return {
      kind: 'later',
      why: 'the show is over; it is not known now whether its recording was published again',
      retryAfterSeconds: provingSeconds,
    };
  }
  if (isOver(phase)) return { kind: 'nothing', why: 'the show is over, and there is no proved recording of it' };
  const [source, ...rest] = liveSources(watched, now);
  if (source) return { kind: 'live', sources: [source, ...rest] };
  if (watched.entered.stopping !== undefined)
    return {
      kind: 'later',
      why: 'the show is over; its recording is not proved yet',
      retryAfterSeconds: provingSeconds,
    };
  return { kind: 'later', why: 'the show is not on air yet', retryAfterSeconds: waitSeconds(startsAt - now) };
}

/** Half the way to the start: the last question comes soon after it. */
export const waitSeconds = (ms: number): number =>
  Math.min(latestSeconds, Math.max(soonestSeconds, Math.floor(ms / 2_000)));

/** The leg on air first, then the others in the order of the plan; a leg that has failed last. */
function liveSources(watched: Watched, now: number): LiveSource[] {
  const { legs, legsOnAir } = watched;
  if (!legs) return liveSourceOf(watched, now);
  const current = legsOnAir?.at(-1);
  const onAir = current?.to === undefined ? current?.leg : undefined;
  const rank = ({ name, failed }: LegStatus): number => (name === onAir ? 0 : failed ? 2 : 1);
  return [...legs]
    .sort((one, other) => rank(one) - rank(other))
    .flatMap(({ status, endedAt }) => (status && endedAt === undefined ? liveSourceOf(status, now) : []));
}

/** The channel whose vendor has the recordings that viewers are sent to. */
export function recordedChannel({ channel, legs = [], vod }: Watched, asset = vod[0]?.url): Channel | undefined {
  return legs.find(({ status }) => status?.vod.some(({ url }) => url === asset))?.status?.channel ?? channel;
}

/** Where one leg recorded what another lacks; undefined where one leg has it all. */
function cutsOfLegs({ recording = [], legs = [] }: Watched): Cut[] | undefined {
  if (new Set(recording.map(({ leg }) => leg)).size < 2) return undefined;
  return cutsOf(recording, (url) => {
    const status = legs.find((leg) => leg.status?.vod.some((asset) => asset.url === url))?.status;
    const covers = status?.vod.find((asset) => asset.url === url)?.covers;
    return covers ? inside(status?.windows ?? [], covers) : (status?.windows ?? []);
  });
}

function liveSourceOf(watched: Watched, now: number): LiveSource[] {
  const { phase, playback, channel } = watched;
  if (!acceptsEncoder(phase) || playback?.hls === undefined || !channel || !isShown(watched, now)) return [];
  return [{ url: playback.hls, channel, ...(playback.needs && { needs: playback.needs }) }];
}

/** Whether viewers get something, or at least an encoder sends and no look says otherwise. */
function isShown({ onAir, entered }: Watched, now: number): boolean {
  if (onAir && (onAir.state === 'on-air' || onAir.firstSegmentAt !== undefined)) return true;
  if (entered.live === undefined) return false;
  return onAir?.state !== 'dark' || now - entered.live > darkMs;
}
