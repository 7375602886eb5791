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
  readonly #entries = new Map<string, WatchedEntry>();
  #underWay = 0;

  constructor(client: StatusReader, now: () => number = () => performance.now()) {
    this.#client = client;
    this.#now = now;
  }

  /** Undefined where there is no such event. @throws what reading threw, when nothing was read lately */
  async of(key: string): Promise<Watched | undefined> {
    const entry = this.#entries.get(key) ?? { readAt: Number.NEGATIVE_INFINITY, freshUntil: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    keepNewest(this.#entries, mostKept);
    if (this.#now() >= entry.freshUntil) {
      entry.reading ??= this.#refresh(key, entry).finally(() => {
        entry.reading = undefined;
      });
      await entry.reading;
    }
    if (entry.failure !== undefined && this.#now() - entry.readAt > staleMs) throw entry.failure;
    return entry.watched;
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
      Object.assign(entry, { watched: await this.#read(key), readAt: this.#now(), failure: undefined });
    } catch (error) {
      entry.failure = error;
    } finally {
      this.#underWay -= 1;
      const isFinal = entry.failure === undefined && entry.watched !== undefined && isOver(entry.watched.phase);
      entry.freshUntil = this.#now() + (isFinal ? overMs : freshMs);
    }
  }

  async #read(key: string): Promise<Watched | undefined> {
    try {
      const { tenant, phase, startsAt, channel, playback, onAir, entered, vod, legs, legsOnAir, recording } =
        await this.#client.status(key);
      const watched = { tenant, phase, startsAt, channel, playback, onAir, entered, vod, legs, legsOnAir, recording };
      return isOver(phase) && !isWhole(vod) ? await this.#retried(key, watched) : watched;
    } catch (error) {
      if (error instanceof NoSuchEventError) return undefined;
      throw error;
    }
  }

  /** An operator may have had the recording published again after the show, of an event with legs that of one leg. */
  async #retried(key: string, watched: Watched): Promise<Watched> {
    if (!watched.legs) return { ...watched, vod: await this.#retriedVod(key, watched.vod) };
    const legs = await Promise.all(
      watched.legs.map(async ({ status, ...leg }) => {
        if (!status?.output || isWhole(status.vod)) return { ...leg, ...(status && { status }) };
        return { ...leg, status: { ...status, vod: await this.#retriedVod(legKeyOf(key, leg.name), status.vod) } };
      }),
    );
    const vod = legs.flatMap(({ status }) => (status ? [status.vod] : [])).find(isWhole);
    return { ...watched, legs, ...(vod && { vod }) };
  }

  async #retriedVod(key: string, vod: Watched['vod']): Promise<Watched['vod']> {
    const retry = await this.#client.within(retryAnswerMs, () => this.#client.vodRetry(key)).catch(() => undefined);
    return retry && provedOf(retry.vod) > provedOf(vod) ? retry.vod : vod;
  }
}

const provedOf = (vod: Watched['vod']): number => vod.filter(({ proof }) => proof.proved).length;
const isWhole = (vod: Watched['vod']): boolean => vod.length > 0 && provedOf(vod) === vod.length;
