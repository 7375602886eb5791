import type { RetryPolicy } from '../../activities/failures.ts';
import * as waiting from '../../certify/waits.ts';
import type { Progress } from '../../vendors/driver.ts';

export { refusalOf } from '../../certify/waits.ts';

/** Waits take a share of their usual time; only what hangs takes so long. */
export const waits: waiting.Waits = { timeScale: 0.02, limitMs: 150_000 };

/** Repeats a step exactly as the activities do, until its goal is reached or they would give up. */
export const reach = <T>(
  step: () => Promise<Progress<T>>,
  policy: RetryPolicy = 'before-show',
  limitMs = waits.limitMs,
): Promise<T> => waiting.reach(step, policy, { ...waits, limitMs });

/** The same for methods that give their value at once. */
export const retried = <T>(call: () => Promise<T>, policy?: RetryPolicy): Promise<T> =>
  waiting.retried(call, waits, policy);
