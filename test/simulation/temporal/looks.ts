import type { Due } from './event-queue.ts';

/** For conditions on the time itself, which comes by although nothing happens: who waits for an instant sleeps until then. */
const longestMs = 60_000;

interface Look extends Due {
  everyMs: number;
  /** At the latest. */
  latest: number;
  /** How much had happened when it was asked for. */
  seen: number;
}

/** Who waits for a condition looks again and again: here only when something has happened that may have brought it. */
export class Looks {
  readonly #waiting = new Set<Look>();
  #happened = 0;

  add(now: number, everyMs: number): Promise<void> {
    return new Promise((resolve) => {
      const look: Look = {
        at: now + everyMs,
        order: 0,
        everyMs,
        latest: now + Math.max(everyMs, longestMs),
        seen: this.#happened,
        changesNothing: true,
        action: () => {
          this.#waiting.delete(look);
          resolve();
        },
      };
      this.#waiting.add(look);
    });
  }

  somethingHappened(): void {
    this.#happened += 1;
  }

  /** The first look that is due before what happens next, or at all when nothing does. */
  before(next = Number.POSITIVE_INFINITY): Look | undefined {
    let first: Look | undefined;
    for (const look of this.#waiting) {
      if (look.seen === this.#happened) postpone(look, next);
      if (look.at < next && (!first || look.at < first.at)) first = look;
    }
    return first;
  }
}

/** Until what happens next, by whole steps. */
function postpone(look: Look, next: number): void {
  const steps = Math.ceil((Math.min(next, look.latest) - look.at) / look.everyMs);
  if (steps > 0) look.at = Math.min(look.at + steps * look.everyMs, look.latest);
}
