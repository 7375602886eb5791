import type { Due } from '../clock.ts';
import type { UpdateRequest } from '../commands.ts';
import type { Failure, Fields, HistoryEvent, Payload, UpdateOutcome, UserMetadata } from '../events.ts';

export type RunStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELED' | 'TERMINATED' | 'CONTINUED_AS_NEW';

/** One attempt of an activity, as a worker gets it. */
export interface ActivityTask {
  run: Execution;
  scheduledEventId: number;
  attempt: number;
  activityId: string;
  activityType: string;
  input: Payload[];
  heartbeatDetails?: Payload[];
  firstScheduledAt: number;
  scheduledAt: number;
  scheduleToCloseMs: number;
  startToCloseMs: number;
  heartbeatMs: number;
}

/** A workflow task, as a worker gets it. */
export interface WorkflowTask {
  run: Execution;
  token: number;
  /** From the first event for a worker that does not know the run; else from where it was left. */
  events: HistoryEvent[];
  isFull: boolean;
  updates: UpdateRequest[];
}

/** What the server asks of a worker. Nothing of it may throw. */
export interface TaskHandler {
  readonly name: string;
  readonly isAlive: boolean;
  /** The event up to which it has the run in memory; 0 for not at all. */
  knows(runId: string): number;
  workflowTask(task: WorkflowTask): void;
  activityTask(task: ActivityTask): void;
}

export interface PendingActivity {
  scheduledEventId: number;
  activityId: string;
  activityType: string;
  taskQueue: string;
  input: Payload[];
  attempt: number;
  isStarted: boolean;
  startedAt: number;
  firstScheduledAt: number;
  scheduledAt: number;
  scheduleToCloseMs: number;
  scheduleToStartMs: number;
  startToCloseMs: number;
  heartbeatMs: number;
  retry: RetryRules;
  cancelRequestedEventId?: number;
  heartbeatDetails?: Payload[];
  heartbeatAt?: number;
  lastFailure?: Failure;
  /** When its last attempt failed. */
  lastEndedAt?: number;
  dispatching?: Due;
  /** Of the whole activity. */
  deadline?: Due;
  /** Of the attempt. */
  timeouts: Due[];
  heartbeatTimeout?: Due;
}

export interface RetryRules {
  initialMs: number;
  backoff: number;
  maximumMs: number;
  attempts: number;
  nonRetryable: string[];
}

/** Speculative ones become history only when they change something; transient ones follow a failed one. */
export interface PendingTask {
  kind: 'normal' | 'transient' | 'speculative';
  token: number;
  scheduledEventId: number;
  startedEventId: number;
  isStarted: boolean;
  scheduledAt: number;
  startedAt: number;
  worker?: TaskHandler;
  dispatching?: Due;
  timeout?: Due;
  sent: Update[];
}

export interface Update {
  id: string;
  name: string;
  input: Payload[];
  header?: Record<string, Payload>;
  state: 'admitted' | 'sent' | 'accepted' | 'over';
  acceptedEventId?: number;
  outcome?: UpdateOutcome;
  /** The run ended before it took the update. */
  isLost?: boolean;
  /** Called at each change of its state. */
  watchers: (() => void)[];
}

export interface ChildRun {
  run?: Execution;
  parentClosePolicy: number;
  /** Cancelled by its parent before it was started. */
  isCancelled?: boolean;
}

/** One run of a workflow, as the server keeps it. */
export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly taskQueue: string;
  /** How long a worker may take for a workflow task. */
  readonly taskTimeoutMs: number;
  status: RunStatus;
  readonly history: HistoryEvent[];
  closedAt?: number;
  searchAttributes: Record<string, Payload>;
  memo: Record<string, Payload>;
  /** Called when it closes. */
  closeWatchers: (() => void)[];
  /** Called when a workflow task is over. */
  taskWatchers: (() => void)[];
  readonly parent?: { run: Execution; initiatedEventId: number };
  /** Events that came while a workflow task was under way. */
  buffered: HistoryEvent[];
  task?: PendingTask;
  /** Of the workflow task. */
  attempt: number;
  sticky?: TaskHandler;
  lastStartedId: number;
  readonly activities: Map<number, PendingActivity>;
  readonly timers: Map<string, Due>;
  readonly children: Map<number, ChildRun>;
  readonly updates: Map<string, Update>;
  isCancelRequested: boolean;
}

export interface StartRequest {
  workflowId: string;
  type: string;
  taskQueue: string;
  input: Payload[];
  runId?: string;
  searchAttributes?: Record<string, Payload>;
  memo?: Fields;
  header?: Fields;
  userMetadata?: UserMetadata;
  /** Of workflow tasks; zero, as in the protocol: the usual one. */
  taskTimeoutMs?: number;
  parent?: { run: Execution; initiatedEventId: number };
  continuedFrom?: Execution;
}

/** https://docs.temporal.io/encyclopedia/detecting-workflow-failures#workflow-task-timeout */
const usualTaskTimeoutMs = 10_000;

export const newExecution = (request: StartRequest, runId: string): Execution => ({
  workflowId: request.workflowId,
  runId,
  type: request.type,
  taskQueue: request.taskQueue,
  taskTimeoutMs: request.taskTimeoutMs || usualTaskTimeoutMs,
  status: 'RUNNING',
  history: [],
  searchAttributes: { ...request.searchAttributes },
  memo: { ...request.memo?.fields },
  closeWatchers: [],
  taskWatchers: [],
  ...(request.parent && { parent: request.parent }),
  buffered: [],
  attempt: 1,
  lastStartedId: 0,
  activities: new Map(),
  timers: new Map(),
  children: new Map(),
  updates: new Map(),
  isCancelRequested: false,
});

export const isRunning = ({ status }: Execution): boolean => status === 'RUNNING';

/** Calls and forgets them. */
export function notify(watchers: (() => void)[]): void {
  for (const watcher of watchers.splice(0)) watcher();
}

export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}
export class AlreadyStartedError extends Error {
  override readonly name = 'AlreadyStartedError';
  readonly runId: string;
  constructor(runId: string) {
    super('Workflow execution is already running');
    this.runId = runId;
  }
}
