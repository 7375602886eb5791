import { WorkflowFailedError } from '@temporalio/client';
import type { ShowcallerClient } from '../../client/client.ts';
import { NoSuchEventError } from '../../client/errors.ts';
import { legKeyOf } from '../../domain/ids.ts';
import { keepNewest } from '../../domain/keep-newest.ts';
import { isOver } from '../../domain/phases.ts';
import { unavailable } from '../http/problem.ts';
import type { Watched } from './state.ts';

/** A status is read again when it is older, and one of an event that is over. */
const freshMs = 3_000;
const overMs = 30_000;
/** Viewers go on watching while Temporal or the workers are away. */
const staleMs = 15 * 60_000;
const mostKept = 10_000;
const mostAtOnce = 32;
/** So many reads at once, those of events that were read before among them. */
const mostWithKnown = 64;
/** It answers when the try is over, which is not waited for here. */
const retryAnswerMs = 2_000;

type StatusReader = Pick<ShowcallerClient, 'status' | 'vodRetry' | 'within'>;

interface WatchedEntry {
  watched?: Watched | undefined;
  /** When it was last read, and from when on it is read again; on the clock of `performance`. */
  readAt: number;
  freshUntil: number;
  reading?: Promise<void> | undefined;
  failure?: unknown;
}

/** The statuses that viewers ask for: each is read once in a few seconds, however many viewers ask. */
export class WatchedEvents {
  readonly #client: StatusReader;
  readonly #now: () => number;
  readonly #events = new Map<string, WatchedEntry>();
  /** Ids without an event, or whose event was never read: they take no place of events. */
  readonly #guesses = new Map<string, WatchedEntry>();
  #underWay = 0;

  constructor(client: StatusReader, now: () => number = () => performance.now()) {
    this.#client = client;
    this.#now = now;
  }

  /** Undefined where there is no such event. @throws what reading threw, when nothing was read lately */
  async of(key: string): Promise<Watched | undefined> {
    const unread: WatchedEntry = { readAt: Number.NEGATIVE_INFINITY, freshUntil: 0 };
    const entry = this.#events.get(key) ?? this.#guesses.get(key) ?? unread;
    this.#keep(key, entry);
    if (this.#now() >= entry.freshUntil) {
      entry.reading ??= this.#refresh(key, entry).finally(() => {
        entry.reading = undefined;
        this.#keep(key, entry);
      });
      await entry.reading;
    }
    if (entry.failure !== undefined && this.#now() - entry.readAt > staleMs) throw entry.failure;
    return entry.watched;
  }

  #keep(key: string, entry: WatchedEntry): void {
    this.#events.delete(key);
    this.#guesses.delete(key);
    const kept = entry.watched === undefined ? this.#guesses : this.#events;
    kept.set(key, entry);
    keepNewest(kept, mostKept);
  }

  async #refresh(key: string, entry: WatchedEntry): Promise<void> {
    // Guesses at ids keep no viewer from a show: what is known is read all the same, or shown as it was.
    const isKnown = entry.watched !== undefined;
    if (this.#underWay >= (isKnown ? mostWithKnown : mostAtOnce)) {
      if (isKnown) return;
      throw unavailable('too many events are asked for at once; try again');
    }
    this.#underWay += 1;
    try {
      Object.assign(entry, { watched: await this.#read(key, entry.watched), readAt: this.#now(), failure: undefined });
    } catch (error) {
      entry.failure = error;
    } finally {
      this.#underWay -= 1;
      const { failure, watched } = entry;
      const isFinal = failure === undefined && watched && isOver(watched.phase) && !watched.isRetryUnknown;
      entry.freshUntil = this.#now() + (isFinal ? overMs : freshMs);
    }
  }

  async #read(key: string, before: Watched | undefined): Promise<Watched | undefined> {
    try {
      const { tenant, phase, startsAt, channel, playback, onAir, entered, vod, legs, legsOnAir, recording } =
        await this.#client.status(key);
      const watched = { tenant, phase, startsAt, channel, playback, onAir, entered, vod, legs, legsOnAir, recording };
      return isOver(phase) && !isWhole(vod) ? await this.#retried(key, watched, before) : watched;
    } catch (error) {
      if (error instanceof NoSuchEventError) return undefined;
      throw error;
    }
  }

  /** An operator may have had the recording published again after the show, of an event with legs that of one leg. */
  async #retried(key: string, watched: Watched, before: Watched | undefined): Promise<Watched> {
    if (!watched.legs) return { ...watched, ...(await this.#retriedVod(key, watched, before)) };
    const looked = await Promise.all(
      watched.legs.map(async (leg) => {
        const { name, status } = leg;
        if (!status?.output || isWhole(status.vod)) return { leg };
        const seen = before?.legs?.find((one) => one.name === name)?.status;
        const { vod, isRetryUnknown } = await this.#retriedVod(legKeyOf(key, name), status, seen);
        return { leg: { ...leg, status: { ...status, vod } }, isRetryUnknown };
      }),
    );
    const legs = looked.map(({ leg }) => leg);
    const vod = legs.flatMap(({ status }) => (status ? [status.vod] : [])).find(isWhole);
    const isRetryUnknown = looked.some((one) => one.isRetryUnknown);
    return { ...watched, legs, ...(vod && { vod }), ...(isRetryUnknown && { isRetryUnknown }) };
  }

  /** @param before what an earlier read found: a try that proved something is not undone by one that is not seen, or has no outcome */
  async #retriedVod(
    key: string,
    run: RunRecording,
    before: RunRecording | undefined,
  ): Promise<Pick<Watched, 'vod' | 'isRetryUnknown'>> {
    const seen = before && beganAt(before) === beganAt(run) ? before.vod : [];
    try {
      const retry = await this.#client.within(retryAnswerMs, () => this.#client.vodRetry(key));
      return { vod: better(run.vod, retry?.vod) };
    } catch (error) {
      const vod = better(run.vod, seen);
      // It was terminated, for example.
      const hasNoOutcome = error instanceof WorkflowFailedError || error instanceof NoSuchEventError;
      return hasNoOutcome ? { vod } : { vod, isRetryUnknown: true };
    }
  }
}

type RunRecording = Pick<Watched, 'entered' | 'vod'>;

/** Distinguishes a run from an earlier one of the same event. */
const beganAt = ({ entered }: RunRecording): number => Math.min(...Object.values(entered));

const better = (vod: Watched['vod'], other: Watched['vod'] = []): Watched['vod'] =>
  provedOf(other) > provedOf(vod) ? other : vod;
const provedOf = (vod: Watched['vod']): number => vod.filter(({ proof }) => proof.proved).length;
const isWhole = (vod: Watched['vod']): boolean => vod.length > 0 && provedOf(vod) === vod.length;
