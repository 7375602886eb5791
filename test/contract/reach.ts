import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { asFailure, isCounted, notYet, type RetryPolicy } from '../../activities/failures.ts';
import { VendorError } from '../../domain/errors.ts';
import type { Progress } from '../../vendors/driver.ts';

/** Waits take this share of their usual time. */
const timeScale = 0.02;
/** Only what hangs takes so long. */
const usualMs = 150_000;

/** Repeats a step exactly as the activities do, until its goal is reached or they would give up. */
export async function reach<T>(
  step: () => Promise<Progress<T>>,
  policy: RetryPolicy = 'before-show',
  giveUpMs = usualMs,
): Promise<T> {
  const giveUpAt = Date.now() + giveUpMs;
  let errorsInARow = 0;
  let triesUsed = 0;
  for (;;) {
    const failure = await attempt(step, (error) => {
      errorsInARow += 1;
      if (isCounted(error, policy)) triesUsed += 1;
      const counts = { errorsInARow, triesUsed };
      return asFailure(error, { policy, ...counts, nothingMade: false, timeScale, secrets: [], msLeft: Infinity });
    });
    if ('value' in failure) return failure.value;
    if (failure.waiting) errorsInARow = 0;
    const { again, cause } = failure;
    if (!(again instanceof ApplicationFailure) || again.nonRetryable) throw cause;
    if (Date.now() > giveUpAt) throw new Error(`not reached in ${giveUpMs} ms: ${again.message}`, { cause });
    await pause(Number(again.nextRetryDelay ?? 20));
  }
}

type Attempt<T> = { value: T } | { again: Error; waiting: boolean; cause: unknown };

async function attempt<T>(step: () => Promise<Progress<T>>, fail: (error: unknown) => Error): Promise<Attempt<T>> {
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

/** The same for methods that give their value at once. */
export const retried = <T>(call: () => Promise<T>, policy: RetryPolicy = 'watching'): Promise<T> =>
  reach(async () => ({ done: true, value: await call() }), policy);

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
