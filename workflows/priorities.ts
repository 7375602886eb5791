import type { ActivityOptions } from '@temporalio/workflow';

/** What a show must do at an instant: handed out before all else. https://docs.temporal.io/develop/task-queue-priority-fairness */
export const cueFirst = { priority: { priorityKey: 1 } } as const satisfies ActivityOptions;

/**
 * What delays no viewer. Handed out when nothing else waits; never at once to the worker that asked for it, as servers with
 * eager execution do, because that way passes by the priorities.
 */
export const canWait = { priority: { priorityKey: 5 }, allowEagerDispatch: false } as const satisfies ActivityOptions;
