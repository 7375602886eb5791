/** Why no leg begins any more, and whom that was passed on to. */
export class StopOfAll {
  /** Stops of the whole event that are being passed on, or that a leg has accepted. */
  #stops = 0;
  isCancelled = false;
  /** Why every leg is stopped: the budget that they spend together is spent. */
  budgetSpent?: string;
  /** The legs that the spent budget has stopped, or is stopping. */
  readonly legs = new Set<string>();
  #asked = 0;

  /** No leg begins from now on, unless what is returned is called: every leg has refused the stop. */
  begin(): () => void {
    this.#stops += 1;
    return () => {
      this.#stops -= 1;
    };
  }

  spent(why: string): void {
    this.budgetSpent = why;
    this.begin();
  }

  get why(): string | undefined {
    if (this.#stops > 0) return 'the show is being stopped';
    return this.isCancelled ? 'the show is being cancelled' : undefined;
  }

  /** A number for the next stop of a leg, so that two never share an update id. */
  next(): number {
    this.#asked += 1;
    return this.#asked;
  }
}
