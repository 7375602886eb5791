import type { WorkflowInterceptors } from '@temporalio/workflow';

/** As the SDK hands a run what happened; numbers of 64 bits are objects there. */
interface Activation {
  timestamp?: { seconds?: unknown; nanos?: unknown } | null;
  historyLength?: number | null;
  historySizeBytes?: unknown;
  jobs?: readonly { queryWorkflow?: unknown }[] | null;
}

/** What the start of each workflow task moves on, and the events before it alone do not. */
const taskOf = ({ timestamp, historySizeBytes }: Activation): string =>
  `${timestamp?.seconds} ${timestamp?.nanos} ${historySizeBytes}`;

/**
 * Refuses what happened to a run while the workflow task that brings it has not begun. The SDK hands that on where a run is read again
 * for a query, with the time of the task before. What a run decides by that time no replay decides again: it would be stuck. The query
 * fails; the task, which reads the run anew, does the work.
 *
 * https://github.com/temporalio/sdk-rust, crates/sdk-core/src/worker/workflow/history_update.rs: `from_fetchreq` reads to the end.
 */
export function interceptors(): WorkflowInterceptors {
  let seen: { task: string; length: number } | undefined;
  return {
    internals: [
      {
        activate(input, next) {
          const activation: Activation = input.activation;
          const jobs = activation.jobs ?? [];
          if (jobs.length === 0 || !jobs.every(({ queryWorkflow }) => queryWorkflow)) {
            const now = { task: taskOf(activation), length: activation.historyLength ?? 0 };
            if (seen && now.length > seen.length && now.task === seen.task)
              throw new Error('the run was read again while something happened to it; ask again');
            seen = now;
          }
          next(input);
        },
      },
    ],
  };
}
