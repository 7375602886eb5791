import type { Bill } from './billing.ts';
import { type Billed, usageOf } from './usage.ts';

/** What a budget counts: a run, or each leg of an event. */
export interface Counted {
  status: Billed;
  bills: readonly Bill[];
}

const shares = [0.8, 1] as const;
type Share = (typeof shares)[number];

/** A share that is so near is taken as reached, so that a look does not end just before it again and again. */
const nearMs = 500;

export interface Spent {
  /** Billed until now, milliseconds. */
  usedMs: number;
  /** The largest share that is reached. */
  reached?: Share;
  /** When the next share is reached if nothing changes; absent while nothing is billed, and after the last. */
  nextAt?: number;
}

/** How much of a budget is spent. What the events of the account share does not count against the budget of one. */
export function spentOf(counted: readonly Counted[], billedMs: number, now: number): Spent {
  const spans = counted.flatMap(({ status, bills }) => {
    const own = bills.filter(({ goesOn }) => !goesOn);
    return usageOf(status, own, now).spans;
  });
  const usedMs = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const atOnce = spans.filter(({ goesOn }) => goesOn).length;
  const isReached = (share: Share) => usedMs >= share * billedMs - nearMs;
  const reached = shares.findLast(isReached);
  const next = shares.find((share) => !isReached(share));
  return {
    usedMs,
    ...(reached !== undefined && { reached }),
    ...(next !== undefined && atOnce > 0 && { nextAt: now + Math.ceil((next * billedMs - usedMs) / atOnce) }),
  };
}
