import type { Reached } from './ports.ts';

/** Visibility lags a moment behind; a run that is not reached after these many ticks does not exist, or takes no signals. */
const mostTries = 3;
/** How often a run looks where the poller may have seen less than it. */
const mostUncertain = 3;
/** As many ticks as a run that is followed waits until it looks by itself. */
const mostTicks = 120;
/** From one look of a run to the next, in ticks: where two answers of a vendor differ for long, runs must not use up its rate. */
const longestPause = 12;

interface Owed {
  /** How often the run was not reached since it was the last time. */
  tries: number;
  /** How often it was reached. */
  looks: number;
  /** Since the change. */
  ticks: number;
  /** The tick before which it is not made to look again. */
  nextAt: number;
}

/** What became of a run that does not know yet what the poller saw. */
export interface Outcome {
  channel: string;
  result: Reached | 'left alone';
  /** Whether what the poller saw is so. */
  isCertain: boolean;
}

/** The channels whose runs may not know what the poller saw. */
export class OwedRechecks {
  #owed = new Map<string, Owed>();

  get channels(): string[] {
    return [...this.#owed.keys()];
  }

  /** What changes anew is tried as often anew. */
  add(changed: readonly string[]): void {
    for (const channel of changed) this.#owed.set(channel, { tries: 0, looks: 0, ticks: 0, nextAt: 0 });
  }

  wasReached(channel: string): boolean {
    return (this.#owed.get(channel)?.looks ?? 0) > 0;
  }

  /**
   * Whether its run is to be reached now. One that was, and does not say what it knows, looks now, or waits for a worker, for its vendor or
   * for a quiet moment: to make it look would put it behind the others again.
   */
  isDue(channel: string, saysWhatItKnows: boolean): boolean {
    const owed = this.#owed.get(channel);
    return !owed || owed.looks === 0 || (saysWhatItKnows && owed.ticks >= owed.nextAt);
  }

  /** After a tick. Of the channels that were asked for, those stay that have an outcome. */
  settle(asked: ReadonlySet<string>, outcomes: readonly Outcome[]): void {
    // What Temporal did not answer counts as no try.
    const unanswered = [...this.#owed].filter(([channel]) => !asked.has(channel));
    this.#owed = new Map([...unanswered, ...outcomes.flatMap((outcome) => this.#after(outcome))]);
  }

  #after({ channel, result, isCertain }: Outcome): [string, Owed][] {
    const owed = this.#owed.get(channel);
    if (!owed || result === 'over') return [];
    const next = { ...owed, ticks: owed.ticks + 1 };
    if (result === 'missed') next.tries += 1;
    if (result === 'reached') {
      Object.assign(next, { tries: 0, looks: owed.looks + 1 });
      next.nextAt = owed.ticks + Math.min(longestPause, 2 ** owed.looks);
    }
    const isOver = next.tries >= mostTries || next.ticks >= mostTicks || (!isCertain && next.looks >= mostUncertain);
    return isOver ? [] : [[channel, next]];
  }
}
