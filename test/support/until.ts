import { setTimeout as pause } from 'node:timers/promises';

const lookAgainMs = 25;

/** Waits for a condition; the test's own time limit reports what never comes. */
export async function until<T>(condition: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value as T;
    await pause(lookAgainMs);
  }
}
