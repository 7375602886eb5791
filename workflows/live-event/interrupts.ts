import { ActivityFailure, CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { EndReason } from '../../domain/phases.ts';

/** Ends the show: thrown by a phase, or by an operator's stop, and caught once. */
export class ShowOver extends Error {
  readonly reason: EndReason;
  constructor(reason: EndReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** What `interruptible` returns when `wake` interrupted the work. */
export const woken = Symbol('woken');

/** The requests of operators to a run. Each interrupts what a phase waits for, so that the phase reads it. */
export class Interrupts {
  stopRequested?: { detail: string; keepRecording: boolean; reason?: 'budget-spent' };
  /** The run was cancelled: an action that would continue the show is refused. */
  isCancelled = false;
  /** Why a cancellation ended the wait for the recording. */
  recordingGivenUp?: string;
  skipWait = false;
  /** An operator has abandoned the clean-up and deletes the resources by hand. */
  cleanupAbandoned = false;
  #wakes = 0;
  readonly #underWay = new Set<CancellationScope>();
  readonly #resets = new Map<CancellationScope, Promise<unknown>>();

  throwIfStopped(): void {
    if (!this.stopRequested) return;
    const { reason = 'stopped-by-operator', detail } = this.stopRequested;
    throw new ShowOver(reason, detail);
  }

  /** Cancels the work under way, so that its phase sees what an operator or a vendor event changed. */
  wake(): void {
    this.#wakes += 1;
    for (const scope of this.#underWay) scope.cancel();
  }

  /** Runs work that `wake` may interrupt. */
  async interruptible<T>(work: () => Promise<T>): Promise<T | typeof woken> {
    const before = this.#wakes;
    const scope = new CancellationScope();
    this.#underWay.add(scope);
    try {
      return await scope.run(work);
    } catch (error) {
      if (!isCancelled(error)) throw error;
      const cancelledFromOutside = CancellationScope.current().consideredCancelled;
      if (this.#wakes !== before && !cancelledFromOutside) return woken;
      throw isCancellation(error) ? error : new CancelledFailure('cancelled while an attempt was under way');
    } finally {
      this.#underWay.delete(scope);
    }
  }

  /** Runs work, and again each time that `wake` interrupts it; gives `woken` where it is over before the work is done. */
  async unlessOver<T>(isOver: () => boolean, work: () => Promise<T>): Promise<T | typeof woken> {
    while (!isOver()) {
      const result = await this.interruptible(work);
      if (result !== woken) return result;
    }
    return woken;
  }

  /** The same, until the show is stopped. @throws ShowOver */
  unlessStopped<T>(work: () => Promise<T>): Promise<T> {
    const isOver = () => {
      this.throwIfStopped();
      return false;
    };
    // Without another promise in between: the order of commands depends on it.
    return this.unlessOver(isOver, work) as Promise<T>;
  }

  /** Runs a reset of the encoder's connection. It accepts encoders again at its end, so it must not outlast the show. */
  async resetting<T>(work: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    const reset = scope.run(work);
    this.#resets.set(scope, reset);
    try {
      return await reset;
    } finally {
      this.#resets.delete(scope);
    }
  }

  get isResetting(): boolean {
    return this.#resets.size > 0;
  }

  /** Cancels the resets, and waits for their attempts under way. */
  async endResets(): Promise<void> {
    const resets = [...this.#resets];
    for (const [scope] of resets) scope.cancel();
    await Promise.allSettled(resets.map(([, reset]) => reset));
  }
}

/** An attempt under way may fail by itself after it was cancelled; it is not retried, so that counts as cancelled. */
export const isCancelled = (error: unknown): boolean =>
  isCancellation(error) || (error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED');
