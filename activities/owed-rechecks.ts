import type { Reached } from './ports.ts';

/** Visibility lags a moment behind; a run that is not reached after these many ticks does not exist, or takes no signals. */
const mostTries = 3;
/** How often a run looks where the poller may have seen less than it. */
const mostUncertain = 3;
/** From one question to the next, in ticks: where two answers of a vendor differ for long, runs must not use up its rate. */
const longestPause = 12;

interface Owed {
  /** How often the run was not reached since it was the last time. */
  tries: number;
  /** How often it was reached. */
  looks: number;
  /** How often it was asked for since it was first reached. */
  checks: number;
  /** The tick before which it is not asked for again. */
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
  #tick = 0;

  /** A tick begins. What changes anew is tried as often anew. */
  begin(changed: readonly string[]): void {
    this.#tick += 1;
    for (const channel of changed) this.#owed.set(channel, { tries: 0, looks: 0, checks: 0, nextAt: this.#tick });
  }

  /** Those to ask for at this tick, in this order: a loss must not wait for runs that are only looked after. */
  get due(): string[][] {
    const due = [...this.#owed].filter(([, { nextAt }]) => nextAt <= this.#tick).map(([channel]) => channel);
    const isNew = (channel: string) => !this.wasReached(channel);
    return [due.filter(isNew), due.filter((channel) => !isNew(channel))].filter(({ length }) => length > 0);
  }

  wasReached(channel: string): boolean {
    return (this.#owed.get(channel)?.looks ?? 0) > 0;
  }

  /** After the runs of these channels were asked for. Of them those stay that have an outcome. */
  settle(asked: ReadonlySet<string>, outcomes: readonly Outcome[]): void {
    // What Temporal did not answer counts as no try.
    const others = [...this.#owed].filter(([channel]) => !asked.has(channel));
    this.#owed = new Map([...others, ...outcomes.flatMap((outcome) => this.#after(outcome))]);
  }

  #after({ channel, result, isCertain }: Outcome): [string, Owed][] {
    const owed = this.#owed.get(channel);
    if (!owed || result === 'over') return [];
    const next = { ...owed };
    if (result === 'missed') next.tries += 1;
    if (result === 'reached') Object.assign(next, { tries: 0, looks: owed.looks + 1 });
    if (next.tries >= mostTries || (!isCertain && next.looks >= mostUncertain)) return [];
    // One that was not reached yet is tried at each tick.
    const pause = next.looks === 0 ? 1 : Math.min(longestPause, 2 ** owed.checks);
    if (next.looks > 0) next.checks += 1;
    return [[channel, { ...next, nextAt: this.#tick + pause }]];
  }
}
