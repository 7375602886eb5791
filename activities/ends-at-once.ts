import { pause } from './waiting.ts';

/** While stops of other shows begin at least so often, they belong to the same instant. */
const quietMs = 250;
/** So long a stop that is done waits at most for those of others. */
const longestMs = 10_000;
/** Most of the attempts that a worker makes at once: the others are for the stops that these wait for. */
const mostWaiting = 1_000;

/**
 * The stops that this worker begins. Where many shows end at one instant, what follows a stop (recording, clean-up, bookkeeping) would
 * take the processor before the stops of others: a stop that is done is reported once none has begun for a quarter of a second. The
 * first of them does not know that others come, so that every stop waits, also that of a show that ends alone.
 */
export class EndsAtOnce {
  readonly #timeScale: number;
  /** When the newest stop began, by a monotonic clock. */
  #newestAt = Number.NEGATIVE_INFINITY;
  #waiting = 0;

  constructor(timeScale: number) {
    // A wait that is longer than usual would be longer than a heartbeat may be away.
    this.#timeScale = Math.min(1, timeScale);
  }

  /** A show's stop begins; not one that is tried again, which delays no other. */
  begins(): void {
    this.#newestAt = performance.now();
  }

  /** Waits, once a stop is done, until no other begins any more. */
  async othersBegun(isOver: () => boolean): Promise<void> {
    if (this.#waiting >= mostWaiting) return;
    const until = performance.now() + longestMs * this.#timeScale;
    const leftMs = () => Math.min(this.#newestAt + quietMs * this.#timeScale, until) - performance.now();
    this.#waiting += 1;
    for (let left = leftMs(); left > 0 && !isOver(); left = leftMs()) await pause(left);
    this.#waiting -= 1;
  }
}
