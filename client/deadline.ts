import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@temporalio/client';

const deadlines = new AsyncLocalStorage<number>();

/**
 * Calls of Temporal in `work` end within this time, and not later than a deadline that surrounds it: by itself the SDK takes
 * the innermost deadline, also where it is later.
 */
export function withinDeadline<T>(client: Client, ms: number, work: () => Promise<T>): Promise<T> {
  const at = Math.min(Date.now() + ms, deadlines.getStore() ?? Number.POSITIVE_INFINITY);
  return deadlines.run(at, () => client.withDeadline(at, work));
}
