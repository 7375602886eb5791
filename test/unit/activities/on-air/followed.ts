import type { BlankDetector } from '../../../../activities/on-air/blank.ts';
import { followRun } from '../../../../activities/on-air/follow-run.ts';
import type { ViewerGet } from '../../../../activities/on-air/viewer.ts';
import type { OnAir, OnAirChange } from '../../../../domain/on-air.ts';
import { acceptsEncoder, type Phase } from '../../../../domain/phases.ts';
import type { Playback } from '../../../../domain/playback.ts';

export interface Followed {
  /** What viewers are served, by a clock from zero, milliseconds. */
  stream: (now: () => number) => { url: string; get: ViewerGet };
  untilMs: number;
  /** What the run answers; undefined when it does not. Default: it is live. */
  phaseAt?: (ms: number) => Phase | undefined;
  blank?: BlankDetector;
  /** What the run knows of its viewers when the look begins. */
  onAir?: OnAir;
  /** When it begins, milliseconds. */
  beginMs?: number;
  /** What a request for the stream needs. */
  needs?: Playback['needs'];
  /** When the encoder connects, milliseconds. */
  connectedAt?: number;
}

/** What a run is signalled of its viewers, and until when it was looked. */
export async function followed({
  stream,
  untilMs,
  phaseAt = () => 'live',
  blank,
  onAir,
  beginMs = 0,
  needs,
  connectedAt = 0,
}: Followed) {
  let now = beginMs;
  const { url, get } = stream(() => now);
  const signals: OnAirChange[] = [];
  const ended = new AbortController();
  const playback = { hls: url, needs };
  const signed: string[] = [];
  let addressesAsked = 0;
  const viewerUrl = async (_channel: unknown, one: string) => {
    signed.push(one);
    return one;
  };
  const deps: unknown = {
    driver: {
      viewerUrl,
      playback: async () => {
        addressesAsked += 1;
        return playback;
      },
    },
    get,
    blank,
    poller: {
      statusOf: async () => {
        const phase = phaseAt(now);
        return phase && { phase, channel: { ref: { name: 'c' } }, playback, onAir };
      },
      isShowOver: async () => {
        const phase = phaseAt(now);
        if (phase === undefined) throw new Error('Temporal is away');
        return !acceptsEncoder(phase);
      },
      signalOnAir: async (_id: string, change: OnAirChange) => void signals.push(change),
    },
    now: () => now,
    elapsed: () => now,
    secrets: () => [],
    connectedSince: () => (now >= connectedAt ? connectedAt : undefined),
    sleep: async (ms: number) => {
      // A probe goes on beside the looks.
      await new Promise(setImmediate);
      now += ms;
      if (now >= untilMs) ended.abort();
    },
  };
  await followRun(deps as Parameters<typeof followRun>[0], 'run', ended.signal);
  return { signals, signed, addressesAsked, lookedUntil: now };
}
