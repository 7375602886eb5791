import type { ViewerGet } from '../../../activities/on-air/viewer.ts';
import type { LiveWindow, Session } from '../../../domain/channel.ts';
import type { PlaybackFaultKind } from '../../../simulators/kit/types.ts';
import type { Clock } from '../temporal/clock.ts';
import type { Cloud } from './cloud.ts';

/** A span in which viewers are served badly. */
export interface ViewerFault extends LiveWindow {
  kind: PlaybackFaultKind;
}

/** From the end of a segment until it is in the playlist. */
const packagingMs = 1_000;
const shown = 6;
/** How far a stale edge is behind, in segments. */
export const staleTargets = 4;
const noAnswer = { status: 404, body: new Uint8Array() };

/** What a packager does when its encoder comes back: the list goes on, or begins anew with the same numbers and addresses. */
export type Lists = 'go on' | 'begin anew';

/** Drawn apart, so that a seed plays the same show as before. */
export const listsOf = (seed: number): Lists => (seed % 3 === 0 ? 'begin anew' : 'go on');

interface Segment {
  uri: string;
  ms: number;
  /** From when on it is in the playlist. */
  at: number;
  /** The encoder went away after it. */
  isLast: boolean;
}

/** What is served to the viewers of the cloud's channels. */
export class Playback {
  readonly faults: ViewerFault[] = [];
  readonly #cloud: Cloud;
  readonly #clock: Clock;
  readonly #segmentMs: number;
  readonly #lists: Lists;
  readonly #sessions = new Map<string, readonly Session[]>();
  #asked = 0;

  constructor(cloud: Cloud, clock: Clock, { segmentMs, lists }: { segmentMs: number; lists: Lists }) {
    this.#cloud = cloud;
    this.#clock = clock;
    this.#segmentMs = segmentMs;
    this.#lists = lists;
  }

  readonly get: ViewerGet = async (url) => {
    const { now } = this.#clock;
    this.#asked += 1;
    const name = /\/(sc-[^.]+)\.m3u8/.exec(url)?.[1] ?? '';
    const fault = this.#faultAt(now);
    if (fault?.kind === 'gone' || fault?.kind === 'late-first-segment') return noAnswer;
    if (fault?.kind === 'one-variant-dead' && !url.includes('?')) {
      const variants = ['live', 'dead'].flatMap((one) => ['#EXT-X-STREAM-INF:BANDWIDTH=1', `${name}.m3u8?${one}`]);
      return { status: 200, url, body: Buffer.from(['#EXTM3U', ...variants, ''].join('\n')) };
    }
    const isStale = fault?.kind === 'stale' && this.#asked % 2 === 0;
    const isFrozen = fault?.kind === 'freeze' || url.endsWith('?dead');
    const at = isFrozen ? (fault?.from ?? now) : isStale ? now - staleTargets * this.#segmentMs : now;
    const { segments, first } = this.#listedAt(name, at);
    if (segments.length === 0) return noAnswer;
    const lines = segments.flatMap(({ uri, ms }) => [`#EXTINF:${(ms / 1000).toFixed(3)},`, uri]);
    const head = ['#EXTM3U', `#EXT-X-TARGETDURATION:${this.#segmentMs / 1000}`, `#EXT-X-MEDIA-SEQUENCE:${first}`];
    return { status: 200, url, body: Buffer.from([...head, ...lines, ''].join('\n')) };
  };

  /** When a viewer who asks all the time gets something new, ascending. */
  newsOf(name: string): number[] {
    const shownAt = ({ at }: Segment): number[] => {
      let shown = at;
      let fault = this.#faultAt(shown);
      for (; fault && hides(fault, at); fault = this.#faultAt(shown)) shown = fault.to;
      // A freeze may be followed by another, which began before the first was over.
      const listed = fault?.kind === 'freeze' ? fault.from : shown;
      // Viewers never got a segment that was hidden until its list was gone, or until the list held it no more.
      const isThere = shown === at || this.#listedAt(name, listed).segments.some((one) => one.at === at);
      return isThere ? [shown] : [];
    };
    const times = this.#sessionsOf(name).flatMap((session) =>
      this.#segmentsOf(session, 0, this.#lengthOf(session).count).flatMap(shownAt),
    );
    return times.filter((at) => at <= this.#clock.now).sort((a, b) => a - b);
  }

  /** Of several the one that began first. */
  #faultAt(at: number): ViewerFault | undefined {
    const active = this.faults.filter(({ from, to }) => at >= from && at < to);
    return active.sort((a, b) => a.from - b.from)[0];
  }

  /** The newest segments, as many as a list shows, and the number of the first of them. */
  #listedAt(name: string, at: number): { segments: Segment[]; first: number } {
    const segments: Segment[] = [];
    let before = 0;
    // From the newest back: a show of hours has a thousand segments, and is looked at a thousand times.
    for (const session of this.#sessionsOf(name).toReversed()) {
      const count = this.#countAt(session, at);
      const taken = Math.min(count, shown - segments.length);
      segments.unshift(...this.#segmentsOf(session, count - taken, count));
      before += count - taken;
      const last = segments.at(-1);
      if (this.#lists === 'go on' || !last) continue;
      // A list without an encoder is taken away a segment later.
      return last.isLast && at > last.at + this.#segmentMs ? { segments: [], first: 0 } : { segments, first: before };
    }
    return { segments, first: before };
  }

  /** A channel that is gone leaves its playlist. */
  #sessionsOf(name: string): readonly Session[] {
    const sessions = this.#cloud.find(name)?.sessions ?? this.#sessions.get(name) ?? [];
    this.#sessions.set(name, sessions);
    return sessions;
  }

  /** Of those that a session will have had at its end. */
  #lengthOf({ startedAt, endedAt }: Session): { lastsMs: number; count: number } {
    const lastsMs = (endedAt ?? this.#clock.now) - startedAt;
    const round = endedAt === undefined ? Math.floor : Math.ceil;
    return { lastsMs, count: round(lastsMs / this.#segmentMs) };
  }

  /** How many segments of a session are in the playlist. */
  #countAt(session: Session, at: number): number {
    const { lastsMs, count } = this.#lengthOf(session);
    const readyMs = at - packagingMs - session.startedAt;
    return readyMs >= lastsMs ? count : Math.max(0, Math.min(count, Math.floor(readyMs / this.#segmentMs)));
  }

  /** The last of each session is what is left of it. */
  #segmentsOf(session: Session, from: number, to: number): Segment[] {
    const { id, startedAt, endedAt } = session;
    const { lastsMs, count } = this.#lengthOf(session);
    return Array.from({ length: to - from }, (_, i): Segment => {
      const number = from + i;
      const ms = Math.min(this.#segmentMs, lastsMs - number * this.#segmentMs);
      const uri = this.#lists === 'go on' ? `${id}-${number}.ts` : `${number}.ts`;
      const at = startedAt + number * this.#segmentMs + ms + packagingMs;
      return { uri, ms, at, isLast: endedAt !== undefined && number === count - 1 };
    });
  }
}

/** Whether a segment that was ready at an instant is not shown while the fault lasts. */
export const hides = ({ kind, from }: ViewerFault, readyAt: number): boolean =>
  kind === 'gone' || kind === 'late-first-segment' || (kind === 'freeze' && readyAt > from);
