import { setTimeout as pause } from 'node:timers/promises';
import { vi } from 'vitest';
import type { Progress } from '../../vendors/driver.ts';
import { givesUpAfterMs } from './hangs.ts';

const lookAgainMs = 25;
const byTime = (ms: number): Promise<unknown> => pause(ms);
let lookAgain = byTime;

/** Sets how `until` waits between two looks, where time is virtual; without an argument, as usual. */
export function lookAgainBy(wait: (ms: number) => Promise<unknown> = byTime): void {
  lookAgain = wait;
}

/** Waits for a condition. What never comes is reported with its place, just before the test's limit. */
export async function until<T>(condition: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  // Of the machine: it goes on also where time is virtual.
  const startedAt = process.hrtime.bigint();
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value as T;
    if (Number(process.hrtime.bigint() - startedAt) / 1e6 > givesUpAfterMs) throw new Error(`never came: ${condition}`);
    await lookAgain(lookAgainMs);
  }
}

/** Waits until `look` throws no more. What never comes is reported with the last error, just before the test's limit. */
export const untilPasses = <T>(look: () => Promise<T> | T): Promise<T> =>
  vi.waitFor(look, { timeout: givesUpAfterMs, interval: lookAgainMs });

/** Repeats a step of a driver until it is done, as the run does; an error of the vendor ends it at once. */
export async function finish<T>(step: () => Promise<Progress<T>>): Promise<T> {
  const outcome = await untilPasses(async () => {
    const progress = await step().catch((error: unknown) => ({ error }));
    if ('error' in progress || progress.done) return progress;
    throw new Error(`still waiting for ${progress.waitingFor}`);
  });
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
