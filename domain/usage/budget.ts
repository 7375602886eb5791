import type { Bill } from './billing.ts';
import { type BudgetShare, nearMs, reachOf } from './shares.ts';
import { type Billed, usageOf } from './usage.ts';

/** What a budget counts: a run, or each leg of an event. */
export interface Counted {
  status: Billed;
  bills: readonly Bill[];
}

export interface Spent {
  /** Billed until now, milliseconds. */
  usedMs: number;
  /** The largest share that is reached. */
  reached?: BudgetShare;
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
  const { reached, nextInMs } = reachOf({ used: usedMs, limit: billedMs, rate: atOnce, near: nearMs });
  return {
    usedMs,
    ...(reached !== undefined && { reached }),
    ...(nextInMs !== undefined && { nextAt: now + nextInMs }),
  };
}
