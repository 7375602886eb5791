import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { asFailure, isCounted, notYet, type RetryPolicy } from '../activities/failures.ts';
import { VendorError, type VendorErrorKind } from '../domain/errors.ts';
import { messageOf } from '../domain/message-of.ts';
import type { Progress } from '../vendors/driver.ts';

/** How long a step is tried. */
export interface Waits {
  /** Multiplies the pauses between attempts: 1 for a real account, less for a simulator that is as much faster. */
  timeScale: number;
  /** After this long a step is given up. Milliseconds. */
  limitMs: number;
  /** Ends every wait; its reason is thrown. */
  signal?: AbortSignal;
  /** Hears what is waited for, and what fails and is tried again: each once in a row. */
  waiting?(what: string): void;
  /** How long what the vendor refuses to this account is tried again; not limited when absent. Milliseconds. */
  unauthorizedMs?(): number;
}

/** A goal that was not reached in time. */
export class NotReached extends Error {
  override readonly name = 'NotReached';
  /** Of the last failure; undefined when the vendor answered and was not ready. */
  readonly kind: VendorErrorKind | undefined;

  constructor(limitMs: number, cause: unknown) {
    super(`not reached in ${limitMs} ms: ${messageOf(cause)}`, { cause });
    this.kind = cause instanceof VendorError ? cause.kind : undefined;
  }
}

/** Repeats a step exactly as the activities do, until its goal is reached or they would give up. */
export async function reach<T>(step: () => Promise<Progress<T>>, policy: RetryPolicy, waits: Waits): Promise<T> {
  const { timeScale, limitMs, signal, waiting, unauthorizedMs } = waits;
  let heard: string | undefined;
  const begunAt = performance.now();
  let errorsInARow = 0;
  let triesUsed = 0;
  for (;;) {
    signal?.throwIfAborted();
    const outcome = await attempt(step, timeScale, (error) => {
      errorsInARow += 1;
      if (isCounted(error, policy)) triesUsed += 1;
      const counts = { errorsInARow, triesUsed };
      return asFailure(error, { policy, ...counts, nothingMade: false, timeScale, secrets: [], msLeft: Infinity });
    });
    if ('value' in outcome) return outcome.value;
    if (outcome.waiting) errorsInARow = 0;
    const { again, cause } = outcome;
    if (!(again instanceof ApplicationFailure) || again.nonRetryable) throw cause;
    const tried = performance.now() - begunAt;
    if (isUnauthorized(cause) && unauthorizedMs && tried >= unauthorizedMs()) throw cause;
    if (tried > limitMs) throw new NotReached(limitMs, cause);
    const what = messageOf(cause);
    if (what !== heard) waiting?.(what);
    heard = what;
    await rest(Number(again.nextRetryDelay ?? 20), signal);
  }
}

const isUnauthorized = (error: unknown): boolean =>
  error instanceof VendorError && (error.kind === 'unauthorized' || error.kind === 'clock-skew');

type TryOutcome<T> = { value: T } | { again: Error; waiting: boolean; cause: unknown };

async function attempt<T>(
  step: () => Promise<Progress<T>>,
  timeScale: number,
  fail: (error: unknown) => Error,
): Promise<TryOutcome<T>> {
  try {
    const progress = await step();
    if (progress.done) return { value: progress.value };
    const again = notYet(progress.waitingFor, progress.retryAfterMs, timeScale, Infinity);
    return { again, waiting: true, cause: again };
  } catch (error) {
    // Every failure of a driver is a `VendorError`: anything else is a bug, and not retried here.
    if (!(error instanceof VendorError)) throw error;
    return { again: fail(error), waiting: false, cause: error };
  }
}

/** Tries a method of the driver that gives its value at once, with the waits and the policy of a step. */
export const retried = <T>(call: () => Promise<T>, waits: Waits, policy: RetryPolicy = 'watching'): Promise<T> =>
  reach(async () => ({ done: true, value: await call() }), policy, waits);

/** Repeats what fails until it does not; `everyMs` is not scaled. */
export async function until<T>(look: () => Promise<T>, { limitMs, signal }: Waits, everyMs = 100): Promise<T> {
  const begunAt = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await look();
    } catch (error) {
      signal?.throwIfAborted();
      if (performance.now() - begunAt > limitMs) throw new NotReached(limitMs, error);
    }
    await rest(everyMs, signal);
  }
}

/** A pause that the signal ends. */
export async function rest(ms: number, signal?: AbortSignal): Promise<void> {
  await pause(ms, undefined, signal && { signal }).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : error;
  });
}

/** What a call throws; fails when it throws nothing, or something that is no `VendorError`. */
export async function refusalOf(call: () => unknown): Promise<VendorError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof VendorError) return error;
    throw new Error('this is no VendorError', { cause: error });
  }
  throw new Error('nothing was refused');
}
