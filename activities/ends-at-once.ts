/** While stops of other shows begin at least so often, they belong to the same instant. */
const quietMs = 250;
/** So long a stop that is done waits at most for those of others. */
const longestMs = 3_000;
/** Half of the attempts that a worker makes at once: the other half is for the stops that these wait for. */
const mostWaiting = 250;
const lookAgainMs = 50;

/**
 * The stops that this worker begins. Where many shows end at one instant, what follows a stop (recording, clean-up, bookkeeping) would
 * take the processor before the stops of others: a stop that is done is reported once no other begins any more.
 */
export class EndsAtOnce {
  readonly #timeScale: number;
  /** When the newest stop began, by a monotonic clock. */
  #newestAt = Number.NEGATIVE_INFINITY;
  #waiting = 0;

  constructor(timeScale: number) {
    this.#timeScale = timeScale;
  }

  /** A stop begins. Gives what waits, once it is done, until no other begins any more, and says whether it had to. */
  begin(): () => Promise<boolean> {
    const begunAt = performance.now();
    this.#newestAt = begunAt;
    return () => this.#othersBegun(begunAt);
  }

  async #othersBegun(begunAt: number): Promise<boolean> {
    if (this.#waiting >= mostWaiting) return false;
    const until = performance.now() + longestMs * this.#timeScale;
    const isBusy = () => {
      const now = performance.now();
      return this.#newestAt > begunAt && now - this.#newestAt < quietMs * this.#timeScale && now < until;
    };
    if (!isBusy()) return false;
    this.#waiting += 1;
    while (isBusy()) await new Promise((resolve) => setTimeout(resolve, lookAgainMs * this.#timeScale));
    this.#waiting -= 1;
    return true;
  }
}
