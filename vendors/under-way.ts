import { AsyncLocalStorage } from 'node:async_hooks';
import type { BilledState } from '../domain/usage/billing.ts';

/** What one activity attempt may have changed at the vendor. */
export interface MutationCounter {
  /** Mutating calls that were accepted, or whose outcome is unknown. */
  count: number;
  /** The states that cost, as the work saw them. */
  states?: BilledState[];
  /** How far this machine's clock is ahead of each vendor's, by the answer whose date differs least. */
  clocks?: Map<string, number>;
  /**
   * Asked before each mutating call: rejects when Temporal has given up the attempt that works here. Another one may be under
   * way then, and later steps may have been done.
   */
  mayChange?: () => Promise<void>;
}

/** What answers said of the vendor's clock. */
export interface ClockSeen {
  /** How far this machine's clock is ahead of the vendor's, milliseconds. */
  aheadMs?: number;
}

/** What work on a vendor carries with it, into whatever SDK it calls. */
export interface UnderWay {
  /** Of the attempt: a refusal before the first change needs no clean-up. */
  counter?: MutationCounter;
  /** Of the call: what its answer said, and the clock that it is signed by. */
  call?: ClockSeen & { clock?: { learn(at: number): void; correctionMs(): number } };
  /** Of several calls: what the answer said that differs least. */
  watch?: ClockSeen;
  /** Of the call: an answer that is longer fails it. */
  mostAnswerBytes?: number;
}

/** One for all of it: with Node 20 each store that was used makes every promise of the process slower. */
const storage = new AsyncLocalStorage<UnderWay>();

export const underWay = (): UnderWay => storage.getStore() ?? {};

/** Runs `work` with `part` besides what is under way. */
export const runWith = <T>(part: UnderWay, work: () => T): T => storage.run({ ...storage.getStore(), ...part }, work);
