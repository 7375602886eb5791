import { closesRun, type ServerCommand, type TaskAnswer, type UpdateRequest } from '../commands.ts';
import type { Failure, HistoryEvent } from '../events.ts';
import { durationOf } from '../payloads.ts';
import { sdkVersion, temporal } from '../sdk-internals.ts';
import { simulatedBuild } from '../simulated-build.ts';
import type { ServerContext } from './context.ts';
import { type Execution, isRunning, notify, type PendingTask, type TaskHandler } from './execution.ts';
import type { Updates } from './updates.ts';

const { WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND: unhandledCommand } =
  temporal.api.enums.v1.WorkflowTaskFailedCause;

/** What becomes of a command; true when the run has to get another task at once. */
export type OnCommand = (run: Execution, command: ServerCommand, completedId: number, startedId: number) => boolean;

/** What a worker must do with its memory of the run. */
export type Completion = 'kept' | 'undone' | 'lost';

/**
 * Workflow tasks: normal, transient after a failed one, and speculative for updates, first to the worker that has the run
 * in memory. The facts are those of temporalio/temporal v1.29.1, service/history.
 */
export class WorkflowTasks {
  readonly #context: ServerContext;
  readonly #updates: Updates;
  readonly #onCommand: OnCommand;
  readonly #stickyMs: number;
  #tokens = 0;

  constructor(context: ServerContext, updates: Updates, onCommand: OnCommand, stickyMs: number) {
    this.#context = context;
    this.#updates = updates;
    this.#onCommand = onCommand;
    this.#stickyMs = stickyMs;
  }

  schedule(run: Execution, wanted: 'normal' | 'speculative' = 'normal', inline?: TaskHandler): void {
    if (!isRunning(run)) return;
    if (run.task) {
      const { task } = run;
      // A speculative one that no worker has yet becomes a real one.
      if (wanted === 'normal' && task.kind === 'speculative' && !task.isStarted) this.#makeScheduled(run, task);
      return;
    }
    const { clock, log } = this.#context;
    const hasNews = run.buffered.length > 0;
    if (hasNews) {
      run.attempt = 1;
      log.flush(run);
    }
    this.#tokens += 1;
    const task: PendingTask = {
      kind: run.attempt > 1 ? 'transient' : hasNews ? 'normal' : wanted,
      token: this.#tokens,
      scheduledEventId: run.history.length + 1,
      startedEventId: 0,
      isStarted: false,
      scheduledAt: clock.now,
      startedAt: 0,
      sent: [],
    };
    run.task = task;
    if (task.kind === 'normal') this.#makeScheduled(run, task);
    if (inline?.isAlive) this.#start(run, task, inline);
    else this.#dispatch(run, task);
  }

  #dispatch(run: Execution, task: PendingTask): void {
    const { clock, latency, queues } = this.#context;
    const handOver = (worker: TaskHandler) => {
      if (run.task === task && !task.isStarted) this.#start(run, task, worker);
    };
    const { sticky } = run;
    task.dispatching = clock.in(latency.dispatch(), () => {
      if (!sticky) queues.dispatch({ name: run.taskQueue, kind: 'workflows' }, handOver);
      else if (sticky.isAlive) handOver(sticky);
    });
    // A worker that had the run in memory and is gone: after a while, any other.
    if (sticky) task.timeout = clock.in(this.#stickyMs, () => this.#stickyTimedOut(run, task));
  }

  #stickyTimedOut(run: Execution, task: PendingTask): void {
    if (run.task !== task || task.isStarted) return;
    run.task = undefined;
    if (task.kind !== 'normal') this.#makeScheduled(run, task);
    const { scheduledEventId } = task;
    this.#context.log.append(run, 'WorkflowTaskTimedOut', { scheduledEventId, startedEventId: 0, timeoutType: 2 });
    run.sticky = undefined;
    this.schedule(run);
  }

  #makeScheduled(run: Execution, task: PendingTask, at?: number): void {
    task.kind = 'normal';
    const attributes = {
      taskQueue: { name: run.taskQueue, kind: 1 },
      startToCloseTimeout: durationOf(run.taskTimeoutMs),
      attempt: run.attempt,
    };
    task.scheduledEventId = this.#context.log.append(run, 'WorkflowTaskScheduled', attributes, { at }).id;
  }

  #makeStarted(run: Execution, task: PendingTask): void {
    const { scheduledEventId, worker, startedAt } = task;
    const attributes = { scheduledEventId, identity: worker?.name ?? '', historySizeBytes: run.history.length * 200 };
    task.startedEventId = this.#context.log.append(run, 'WorkflowTaskStarted', attributes, { at: startedAt }).id;
  }

  /** A task that was no part of the history becomes one. */
  #makeReal(run: Execution, task: PendingTask): void {
    if (task.kind === 'normal') return;
    this.#makeScheduled(run, task, task.scheduledAt);
    this.#makeStarted(run, task);
  }

  #start(run: Execution, task: PendingTask, worker: TaskHandler): void {
    const { clock } = this.#context;
    clock.cancel(task.timeout);
    if (task.kind !== 'normal' && task.scheduledEventId !== run.history.length + 1) {
      run.attempt = 1;
      this.#makeScheduled(run, task);
    }
    Object.assign(task, { isStarted: true, startedAt: clock.now, worker });
    const events = task.kind === 'normal' ? this.#startedEvents(run, task) : provisional(run, task);
    const knows = worker.knows(run.runId);
    const isFull = knows === 0 || knows !== run.lastStartedId;
    const updates: UpdateRequest[] = this.#updates.takeAdmitted(run, task);
    task.timeout = clock.in(run.taskTimeoutMs, () => this.#timedOut(run, task));
    worker.workflowTask({
      run,
      token: task.token,
      events: isFull ? [...events] : events.slice(knows),
      isFull,
      updates,
    });
  }

  #startedEvents(run: Execution, task: PendingTask): HistoryEvent[] {
    this.#makeStarted(run, task);
    return run.history;
  }

  #timedOut(run: Execution, task: PendingTask): void {
    if (run.task !== task) return;
    if (task.kind === 'speculative') this.#makeReal(run, task);
    const { scheduledEventId, startedEventId } = task;
    if (task.kind === 'normal')
      this.#context.log.append(run, 'WorkflowTaskTimedOut', { scheduledEventId, startedEventId, timeoutType: 1 });
    this.#lost(run, task);
  }

  /** The task is tried again, by any worker; updates that it had are sent again. */
  #lost(run: Execution, task: PendingTask): void {
    const { clock } = this.#context;
    clock.cancel(task.timeout);
    run.task = undefined;
    this.#updates.putBack(task);
    if (run.sticky) run.sticky = undefined;
    else run.attempt += 1;
    // A task that fails again and again is tried more and more seldom.
    const pauseMs = run.attempt > 2 ? Math.min(600_000, 1000 * 2 ** (run.attempt - 2)) : 0;
    if (pauseMs === 0) this.schedule(run);
    else clock.in(pauseMs, () => this.schedule(run));
    notify(run.taskWatchers);
  }

  #underWay(run: Execution, token: number): PendingTask | undefined {
    return run.task?.token === token && run.task.isStarted ? run.task : undefined;
  }

  /** A worker reports that the code failed. */
  failed(run: Execution, token: number, failure: Failure): void {
    const task = this.#underWay(run, token);
    if (!task) return;
    if (task.kind === 'speculative') this.#makeReal(run, task);
    const { scheduledEventId, startedEventId } = task;
    if (task.kind === 'normal')
      this.#context.log.append(run, 'WorkflowTaskFailed', { scheduledEventId, startedEventId, failure, cause: 0 });
    this.#context.trace(`${run.workflowId} workflow task failed: ${failure.message}`);
    this.#lost(run, task);
  }

  completed(run: Execution, token: number, worker: TaskHandler, answer: TaskAnswer): Completion {
    const task = this.#underWay(run, token);
    if (!task) return 'lost';
    const { commands, rejected } = answer;
    this.#context.clock.cancel(task.timeout);
    if (task.kind === 'speculative' && commands.length === 0 && !answer.asksForAnother) {
      run.task = undefined;
      run.sticky = worker;
      this.#updates.reject(run, rejected);
      this.#next(run, worker, false);
      return 'undone';
    }
    this.#makeReal(run, task);
    if (commands.some(closesRun) && run.buffered.length > 0) {
      // It would have ended without knowing of what has come.
      const { scheduledEventId, startedEventId } = task;
      this.#context.log.append(run, 'WorkflowTaskFailed', {
        scheduledEventId,
        startedEventId,
        cause: unhandledCommand,
      });
      this.#lost(run, task);
      return 'lost';
    }
    Object.assign(run, { attempt: 1, sticky: worker, lastStartedId: task.startedEventId });
    const completedId = this.#makeCompleted(run, task, answer.flags);
    let goesOn = answer.asksForAnother ?? false;
    for (const command of commands) goesOn = this.#onCommand(run, command, completedId, task.startedEventId) || goesOn;
    run.task = undefined;
    this.#updates.reject(run, rejected);
    this.#updates.rejectUnanswered(run, task);
    this.#next(run, worker, goesOn);
    return 'kept';
  }

  #makeCompleted(run: Execution, { scheduledEventId, startedEventId, worker }: PendingTask, flags: number[]): number {
    const isFirst = startedEventId === 3;
    return this.#context.log.append(run, 'WorkflowTaskCompleted', {
      scheduledEventId,
      startedEventId,
      identity: worker?.name ?? '',
      workerVersion: { buildId: simulatedBuild },
      sdkMetadata: {
        // All flags of Core, written at the first task as Core does.
        coreUsedFlags: isFirst ? [1, 2, 3] : [],
        langUsedFlags: flags,
        ...(isFirst && { sdkName: 'temporal-typescript', sdkVersion }),
      },
    }).id;
  }

  #next(run: Execution, worker: TaskHandler, goesOn: boolean): void {
    if (goesOn || run.buffered.length > 0) this.schedule(run, 'normal', worker);
    else if (this.#updates.hasAdmitted(run)) this.schedule(run, 'speculative', worker);
    notify(run.taskWatchers);
  }

  /** Resolves when no workflow task of the run is under way, and it has had its first. */
  async idle(run: Execution): Promise<void> {
    while (isRunning(run) && (run.task || run.lastStartedId === 0))
      await new Promise<void>((resolve) => run.taskWatchers.push(resolve));
  }

  closed(run: Execution): void {
    const { clock } = this.#context;
    clock.cancel(run.task?.timeout);
    clock.cancel(run.task?.dispatching);
    run.task = undefined;
    run.buffered = [];
    notify(run.taskWatchers);
  }
}

/** The events of a task that is no part of the history yet. */
function provisional(run: Execution, task: PendingTask): HistoryEvent[] {
  const scheduledId = run.history.length + 1;
  task.startedEventId = scheduledId + 1;
  return [
    ...run.history,
    { id: scheduledId, type: 'WorkflowTaskScheduled', at: task.scheduledAt, attributes: {} },
    { id: task.startedEventId, type: 'WorkflowTaskStarted', at: task.startedAt, attributes: {} },
  ];
}
