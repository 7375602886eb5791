import type { RetryPolicy } from '../../activities/failures.ts';
import * as waiting from '../../certify/waits.ts';
import type { Progress } from '../../vendors/driver.ts';
import { givesUpAfterMs } from '../support/hangs.ts';

export { refusalOf } from '../../certify/waits.ts';

/** Waits take a share of their usual time. */
export const waits: waiting.Waits = { timeScale: 0.02, limitMs: givesUpAfterMs };

/** Repeats a step exactly as the activities do, until its goal is reached or they would give up. */
export const reach = <T>(
  step: () => Promise<Progress<T>>,
  policy: RetryPolicy = 'before-show',
  limitMs = waits.limitMs,
): Promise<T> => waiting.reach(step, policy, { ...waits, limitMs });

/** The same for methods that give their value at once. */
export const retried = <T>(call: () => Promise<T>, policy?: RetryPolicy): Promise<T> =>
  waiting.retried(call, waits, policy);
