/** So many signals at once, and then one in so long: 300 in a day, however often a stream comes and goes. */
const mostAtOnce = 10;
const everyMs = 5 * 60_000;

/**
 * How many changes may be signalled to one run. Each is kept in its history for ever, and Temporal ends a run whose history is
 * too long. One signal is always left for a loss: as long as a run says "on air", that this ended is signalled at once.
 */
export class SignalBudget {
  #left = mostAtOnce;
  #earnedAt: number;

  /** @param now of a monotonic clock, milliseconds */
  constructor(now: number) {
    this.#earnedAt = now;
  }

  /** Whether a change may be signalled now. */
  allows(isLoss: boolean, now: number): boolean {
    const earned = Math.floor((now - this.#earnedAt) / everyMs);
    this.#left = Math.min(mostAtOnce, this.#left + earned);
    this.#earnedAt += earned * everyMs;
    return this.#left > (isLoss ? 0 : 1);
  }

  take(): void {
    this.#left -= 1;
  }

  /** How long after a loss that is signalled now its end can be signalled, at the latest. Milliseconds. */
  get returnAfterMs(): number {
    return Math.max(0, 3 - this.#left) * everyMs;
  }
}
