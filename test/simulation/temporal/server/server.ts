import { msToNumber } from '@temporalio/common/lib/time.js';
import { workerTuning } from '../../../../worker/worker.ts';
import type { Clock } from '../clock.ts';
import type { CommandOf, ServerCommand } from '../commands.ts';
import type { EventOf, EventType, ExecutionIds, HistoryEvent, Payload } from '../events.ts';
import { durationOf, millis } from '../payloads.ts';
import { Activities } from './activities.ts';
import { namespace, type ServerContext } from './context.ts';
import { EventLog } from './event-log.ts';
import {
  AlreadyStartedError,
  type Execution,
  isRunning,
  NotFoundError,
  newExecution,
  notify,
  type RunStatus,
  type StartRequest,
  type TaskHandler,
  type Update,
} from './execution.ts';
import { ExternalRuns } from './external.ts';
import type { Latencies } from './latencies.ts';
import { retryStates } from './retry-policy.ts';
import { TaskQueues } from './task-queues.ts';
import { Updates } from './updates.ts';
import { Visibility } from './visibility.ts';
import { WorkflowTasks } from './workflow-tasks.ts';

export interface ServerOptions {
  clock: Clock;
  latency: Latencies;
  newId: () => string;
  trace?: (line: string) => void;
  onEvent?: (run: Execution, event: HistoryEvent) => void;
  /** How long a task waits for the worker that knows the run. Default: as with our workers. */
  stickyMs?: number;
}

const asOurs = msToNumber(workerTuning.stickyQueueScheduleToStartTimeout);

/** The target of an operation; without a run id the newest run of the workflow id. */
export type Target = Pick<ExecutionIds, 'workflowId'> & { runId?: string | null };

/** The part of a Temporal server that workflows, workers and clients can notice. */
export class SimulatedServer {
  readonly runs = new Map<string, Execution>();
  readonly activities: Activities;
  readonly visibility: Visibility;
  readonly #context: ServerContext;
  readonly #updates: Updates;
  readonly #tasks: WorkflowTasks;
  readonly #external: ExternalRuns;
  readonly #newest = new Map<string, Execution>();

  constructor({ clock, latency, newId, trace = () => {}, onEvent = () => {}, stickyMs = asOurs }: ServerOptions) {
    const log = new EventLog(clock, (run, event) => {
      trace(`${run.workflowId} ${event.id} ${event.type} ${brief(event)}`);
      onEvent(run, event);
    });
    const queues = new TaskQueues(clock, latency);
    this.#context = { clock, latency, log, queues, newId, trace, wake: (run) => this.#tasks.schedule(run) };
    this.activities = new Activities(this.#context);
    this.visibility = new Visibility(this.#context);
    this.#updates = new Updates(this.#context);
    this.#external = new ExternalRuns(this.#context, this);
    const onCommand = this.#command.bind(this);
    this.#tasks = new WorkflowTasks(this.#context, this.#updates, onCommand, stickyMs);
  }

  get queues(): TaskQueues {
    return this.#context.queues;
  }

  get tasks(): WorkflowTasks {
    return this.#tasks;
  }

  find({ workflowId, runId }: Target): Execution {
    const run = runId ? this.runs.get(runId) : this.#newest.get(workflowId);
    if (!run) throw new NotFoundError(`workflow not found for ID: ${workflowId}`);
    return run;
  }

  #running(target: Target): Execution {
    const run = this.find(target);
    if (!isRunning(run)) throw new NotFoundError('workflow execution already completed');
    return run;
  }

  newestOf(workflowId: string): Execution | undefined {
    return this.#newest.get(workflowId);
  }

  start(request: StartRequest): Execution {
    const { workflowId, parent, continuedFrom } = request;
    const before = this.#newest.get(workflowId);
    if (before && isRunning(before)) throw new AlreadyStartedError(before.runId);
    const run = newExecution(request, request.runId ?? this.#context.newId());
    this.runs.set(run.runId, run);
    this.#newest.set(workflowId, run);
    const { log, wake } = this.#context;
    log.append(run, 'WorkflowExecutionStarted', startedAttributes(run, request), {
      userMetadata: request.userMetadata,
    });
    this.visibility.changed(run);
    if (continuedFrom && parent) this.#adopted(parent, run);
    wake(run);
    return run;
  }

  /** A child that continued as new is its parent's child still. */
  #adopted({ run, initiatedEventId }: NonNullable<StartRequest['parent']>, child: Execution): void {
    const known = run.children.get(initiatedEventId);
    if (known) known.run = child;
  }

  signal(target: Target, signalName: string, input: Payload[]): void {
    const run = this.#running(target);
    const { log, wake } = this.#context;
    log.add(run, 'WorkflowExecutionSignaled', { signalName, input: { payloads: input }, header: { fields: {} } });
    wake(run);
  }

  requestCancel(target: Target, reason = ''): void {
    const run = this.#running(target);
    if (run.isCancelRequested) return;
    run.isCancelRequested = true;
    const { log, wake } = this.#context;
    log.add(run, 'WorkflowExecutionCancelRequested', { ...(reason && { cause: reason }) });
    wake(run);
  }

  terminate(target: Target, reason: string): void {
    const run = this.#running(target);
    const { log } = this.#context;
    log.flush(run);
    log.append(run, 'WorkflowExecutionTerminated', { reason });
    this.#close(run, 'TERMINATED');
  }

  update(target: Target, request: Pick<Update, 'id' | 'name' | 'input' | 'header'>): Update {
    const run = this.#running(target);
    const { update, isNew } = this.#updates.admit(run, request);
    if (isNew) this.#tasks.schedule(run, 'speculative');
    return update;
  }

  /** A worker for a query. */
  workerFor(run: Execution): TaskHandler | undefined {
    return run.sticky?.isAlive ? run.sticky : this.queues.workersOf({ name: run.taskQueue, kind: 'workflows' })[0];
  }

  /** True when the run has to get another task at once. */
  #command(run: Execution, command: ServerCommand, completedId: number, startedEventId: number): boolean {
    const { log } = this.#context;
    const by = { workflowTaskCompletedEventId: completedId };
    const { userMetadata } = command;
    const write = <T extends EventType>(type: T, attributes: object): EventOf<T> =>
      log.append(run, type, { ...attributes, ...by } as never, { userMetadata });
    switch (command.type) {
      case 'StartTimer':
        this.#startTimer(run, command, write('TimerStarted', command.attributes).id);
        return false;
      case 'CancelTimer':
        write('TimerCanceled', command.attributes);
        this.#cancelTimer(run, command.attributes.timerId);
        return false;
      case 'ScheduleActivity':
        this.activities.schedule(run, command.attributes, by, userMetadata);
        return false;
      case 'RequestCancelActivity':
        return this.activities.requestCancel(run, command.attributes.scheduledEventId, by);
      case 'StartChild':
        this.#external.startChild(run, command, by);
        return false;
      case 'SignalExternal':
        this.#external.signal(run, command, by);
        return false;
      case 'CancelExternal':
        this.#external.cancel(run, command, by);
        return false;
      case 'RecordMarker':
        write('MarkerRecorded', command.attributes);
        return false;
      case 'UpsertSearchAttributes':
        write('UpsertWorkflowSearchAttributes', command.attributes);
        Object.assign(run.searchAttributes, command.attributes.searchAttributes.indexedFields);
        this.visibility.changed(run);
        return false;
      case 'ModifyProperties':
        write('WorkflowPropertiesModified', command.attributes);
        Object.assign(run.memo, command.attributes.upsertedMemo?.fields);
        return false;
      case 'UpdateAccepted':
        this.#updates.accepted(run, command, startedEventId);
        return false;
      case 'UpdateCompleted':
        this.#updates.completed(run, command);
        return false;
      case 'Complete':
        write('WorkflowExecutionCompleted', command.attributes);
        this.#close(run, 'COMPLETED');
        return false;
      case 'Fail':
        write('WorkflowExecutionFailed', { ...command.attributes, retryState: retryStates.nonRetryable });
        this.#close(run, 'FAILED');
        return false;
      case 'Cancel':
        write('WorkflowExecutionCanceled', {});
        this.#close(run, 'CANCELED');
        return false;
      case 'ContinueAsNew':
        this.#continueAsNew(run, command, write);
        return false;
    }
  }

  #startTimer(run: Execution, { attributes }: CommandOf<'StartTimer'>, startedEventId: number): void {
    const { clock, latency, log, wake } = this.#context;
    const { timerId, startToFireTimeout } = attributes;
    const due = clock.in(millis(startToFireTimeout) + latency.timer(), () => {
      run.timers.delete(timerId);
      log.add(run, 'TimerFired', { timerId, startedEventId });
      wake(run);
    });
    run.timers.set(timerId, due);
  }

  /** A timer that fired while the task was under way has not fired for the workflow. */
  #cancelTimer(run: Execution, timerId: string): void {
    this.#context.clock.cancel(run.timers.get(timerId));
    run.timers.delete(timerId);
    run.buffered = run.buffered.filter((event) => event.type !== 'TimerFired' || event.attributes.timerId !== timerId);
  }

  #continueAsNew(
    run: Execution,
    { attributes }: CommandOf<'ContinueAsNew'>,
    write: (type: 'WorkflowExecutionContinuedAsNew', attributes: object) => unknown,
  ): void {
    const runId = this.#context.newId();
    const taskQueue = attributes.taskQueue || run.taskQueue;
    const written = { ...attributes, taskQueue: { name: taskQueue, kind: 1 }, newExecutionRunId: runId };
    write('WorkflowExecutionContinuedAsNew', written);
    this.#close(run, 'CONTINUED_AS_NEW');
    this.start({
      workflowId: run.workflowId,
      runId,
      type: attributes.workflowType.name || run.type,
      taskQueue,
      input: attributes.input.payloads,
      searchAttributes: { ...run.searchAttributes, ...attributes.searchAttributes?.indexedFields },
      memo: { fields: { ...run.memo, ...attributes.memo?.fields } },
      taskTimeoutMs: run.taskTimeoutMs,
      ...(run.parent && { parent: run.parent }),
      continuedFrom: run,
    });
  }

  #close(run: Execution, status: RunStatus): void {
    const { clock } = this.#context;
    run.status = status;
    run.closedAt = clock.now;
    this.#tasks.closed(run);
    for (const due of run.timers.values()) clock.cancel(due);
    this.activities.closed(run);
    this.#updates.closed(run);
    this.#external.closed(run);
    this.visibility.changed(run);
    notify(run.closeWatchers);
  }
}

function startedAttributes(
  run: Execution,
  { input, searchAttributes, memo, header, parent, continuedFrom }: StartRequest,
): EventOf<'WorkflowExecutionStarted'>['attributes'] {
  const first = continuedFrom?.history[0];
  const firstRunId = first?.type === 'WorkflowExecutionStarted' ? first.attributes.firstExecutionRunId : undefined;
  return {
    workflowType: { name: run.type },
    workflowId: run.workflowId,
    taskQueue: { name: run.taskQueue },
    input: { payloads: input },
    workflowTaskTimeout: durationOf(run.taskTimeoutMs),
    header: header ?? { fields: {} },
    originalExecutionRunId: run.runId,
    firstExecutionRunId: firstRunId ?? run.runId,
    ...(continuedFrom && { continuedExecutionRunId: continuedFrom.runId }),
    attempt: 1,
    ...(memo && { memo }),
    searchAttributes: { indexedFields: { ...searchAttributes } },
    ...(parent && {
      parentWorkflowNamespace: namespace,
      parentWorkflowExecution: { workflowId: parent.run.workflowId, runId: parent.run.runId },
      parentInitiatedEventId: parent.initiatedEventId,
    }),
  };
}

const decoder = new TextDecoder();
const leftOut: ReadonlySet<string> = new Set(['stackTrace', 'metadata']);

/** An event's attributes in a line of the trace: payloads as text, no stacks. */
const brief = ({ attributes }: HistoryEvent): string =>
  JSON.stringify(attributes, (key, value) => {
    if (leftOut.has(key)) return undefined;
    // Also those of a workflow's VM, whose classes are others.
    return ArrayBuffer.isView(value) ? decoder.decode(value as Uint8Array) : value;
  });
