import { openStatuses } from '../domain/run-status.ts';

/** An event in one of these states is found, not started again: Temporal's `ALLOW_DUPLICATE_FAILED_ONLY`. */
export const notRunAgain: readonly string[] = [...openStatuses, 'COMPLETED'];
