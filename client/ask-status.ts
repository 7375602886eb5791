import { QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client';
import { asOfLastTask } from '../domain/as-of-last-task.ts';
import type { EventStatus } from '../domain/report.ts';
import { goesOn } from '../domain/run-status.ts';

/**
 * Asks a run for its status. A run that a worker had to read again, just as something happened to it, refuses that once (ADR 0032): it is
 * asked once more; a run that is over, which gets no more tasks, for what its last task left.
 */
export async function askStatus(handle: WorkflowHandle): Promise<EventStatus> {
  try {
    return await handle.query<EventStatus>('status');
  } catch (error) {
    // Not by its text, which may be encrypted.
    if (!(error instanceof QueryNotRegisteredError)) throw error;
    const { status } = await handle.describe();
    if (goesOn(status.name)) return handle.query<EventStatus>('status');
    return handle.query<EventStatus, [string]>('status', asOfLastTask);
  }
}
