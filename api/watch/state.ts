import type { Channel } from '../../domain/channel.ts';
import { acceptsEncoder, isOver } from '../../domain/phases.ts';
import type { EventStatus } from '../../domain/report.ts';

/** Of a status what viewers need. */
export type Watched = Pick<
  EventStatus,
  'tenant' | 'phase' | 'startsAt' | 'channel' | 'playback' | 'onAir' | 'entered' | 'vod'
>;

/** One live stream of an event: one for each leg, of which there is one today. */
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
  | { kind: 'recording'; urls: readonly [string, ...string[]] }
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
  const [first, ...others] = vod.flatMap(({ url, proof }) => (proof.proved ? [url] : []));
  const isWhole = vod.length > 0 && vod.every(({ proof }) => proof.proved);
  if (first !== undefined && (isWhole || isOver(phase))) {
    const elsewhere = [first, ...others].find((url) => !/^https?:/.test(url));
    if (elsewhere === undefined) return { kind: 'recording', urls: [first, ...others] };
    return {
      kind: 'nothing',
      why: `its recording lies at ${elsewhere.split(':', 1)[0]}: addresses, which no player reads`,
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

function liveSources(watched: Watched, now: number): LiveSource[] {
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
