import type { Clock } from '../clock.ts';
import type { EventLog } from './event-log.ts';
import type { Execution } from './execution.ts';
import type { Latencies } from './latencies.ts';
import type { TaskQueues } from './task-queues.ts';

/** What the parts of the server share. */
export interface ServerContext {
  readonly clock: Clock;
  readonly latency: Latencies;
  readonly log: EventLog;
  readonly queues: TaskQueues;
  newId(): string;
  trace(line: string): void;
  /** Sees to it that the run gets a workflow task. */
  wake(run: Execution): void;
}

export const namespace = 'default';
