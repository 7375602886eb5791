import type { WorkflowInterceptors } from '@temporalio/workflow';
import { asOfLastTask } from '../domain/as-of-last-task.ts';

interface Query {
  arguments?: readonly { data?: Uint8Array | null }[] | null;
}

/** As the SDK hands a run what happened; numbers of 64 bits are objects there. */
interface Activation {
  timestamp?: { seconds?: unknown; nanos?: unknown } | null;
  historyLength?: number | null;
  historySizeBytes?: unknown;
  jobs?: readonly { queryWorkflow?: Query | null }[] | null;
}

const readAgain = 'the run was read again while something happened to it; ask again';

/** What the start of each workflow task moves on, and the events before it alone do not. */
const taskOf = ({ timestamp, historySizeBytes }: Activation): string =>
  `${timestamp?.seconds} ${timestamp?.nanos} ${historySizeBytes}`;

const asksAsOfLastTask = (query: Query): boolean =>
  query.arguments?.some(({ data }) => String.fromCharCode(...(data ?? [])) === JSON.stringify(asOfLastTask)) === true;

/**
 * Keeps from a run what happened to it while the workflow task that brings it has not begun. The SDK hands that on where a run is read
 * again for a query, with the time of the task before. What a run decides by that time no replay decides again: it would be stuck. The
 * query fails, and the task, which reads the run anew, does the work. A run that is over gets no more tasks: `asOfLastTask` asks it.
 *
 * https://github.com/temporalio/sdk-rust, crates/sdk-core/src/worker/workflow/history_update.rs: `from_fetchreq` reads to the end.
 */
export function interceptors(): WorkflowInterceptors {
  let seen: { task: string; length: number } | undefined;
  let isBehind = false;
  return {
    internals: [
      {
        activate(input, next) {
          const activation: Activation = input.activation;
          const jobs = activation.jobs ?? [];
          const queries = jobs.flatMap(({ queryWorkflow }) => queryWorkflow ?? []);
          if (jobs.length > 0 && queries.length === jobs.length) {
            if (isBehind && !queries.every(asksAsOfLastTask)) throw new Error(readAgain);
            return next(input);
          }
          // What was kept from the run is lost to it: the next task has to read it anew.
          if (isBehind) throw new Error(readAgain);
          const now = { task: taskOf(activation), length: activation.historyLength ?? 0 };
          isBehind = seen !== undefined && now.length > seen.length && now.task === seen.task;
          if (isBehind) return;
          seen = now;
          next(input);
        },
      },
    ],
  };
}
