import type { ActivityOptions } from '../commands.ts';
import type { Failure, Payload, UserMetadata } from '../events.ts';
import { durationOf, millis, toPayload } from '../payloads.ts';
import type { ServerContext } from './context.ts';
import { type ActivityTask, type Execution, isRunning, type PendingActivity } from './execution.ts';
import { nextAttempt, retryRulesOf, retryStates, type Timeout, timeoutFailure } from './retry-policy.ts';

type By = { workflowTaskCompletedEventId: number };

/** Activities with their attempts, retries, timeouts, heartbeats and cancellations. */
export class Activities {
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  schedule(run: Execution, options: ActivityOptions, by: By, userMetadata?: UserMetadata): void {
    const { clock, latency, log } = this.#context;
    const scheduleToCloseMs = millis(options.scheduleToCloseTimeout);
    // No attempt may take longer than all together; the server writes it so.
    const atMost = (ms: number) => (scheduleToCloseMs > 0 ? Math.min(ms || scheduleToCloseMs, scheduleToCloseMs) : ms);
    const startToCloseMs = atMost(millis(options.startToCloseTimeout));
    const { cancellationType: _, ...attributes } = options as ActivityOptions & { cancellationType?: number };
    const taskQueue = options.taskQueue || run.taskQueue;
    const { id } = log.append(
      run,
      'ActivityTaskScheduled',
      {
        ...attributes,
        taskQueue: { name: taskQueue, kind: 1 },
        ...(scheduleToCloseMs > 0 && { startToCloseTimeout: durationOf(startToCloseMs) }),
        ...by,
      } as never,
      { userMetadata },
    );
    const activity: PendingActivity = {
      scheduledEventId: id,
      activityId: options.activityId,
      activityType: options.activityType.name,
      taskQueue,
      input: options.input.payloads,
      attempt: 1,
      isStarted: false,
      startedAt: 0,
      firstScheduledAt: clock.now,
      scheduledAt: clock.now,
      scheduleToCloseMs,
      scheduleToStartMs: atMost(millis(options.scheduleToStartTimeout)),
      startToCloseMs,
      heartbeatMs: Math.min(millis(options.heartbeatTimeout), startToCloseMs || Number.POSITIVE_INFINITY),
      retry: retryRulesOf(options.retryPolicy),
      timeouts: [],
    };
    run.activities.set(id, activity);
    if (scheduleToCloseMs > 0) {
      const expire = () => this.#timedOut(run, activity, 'SCHEDULE_TO_CLOSE');
      activity.deadline = clock.in(scheduleToCloseMs + latency.timer(), expire);
    }
    this.#dispatch(run, activity, 0);
  }

  /** What a person sees of the activities under way. */
  pending(run: Execution): PendingActivity[] {
    return [...run.activities.values()];
  }

  #dispatch(run: Execution, activity: PendingActivity, afterMs: number): void {
    const { clock, latency, queues } = this.#context;
    const { attempt } = activity;
    const isWanted = () => this.#isCurrent(run, activity, attempt) && !activity.isStarted;
    const late = afterMs > 0 ? latency.timer() : 0;
    activity.dispatching = clock.in(afterMs + latency.dispatch() + late, () => {
      if (!isWanted()) return;
      queues.dispatch({ name: activity.taskQueue, kind: 'activities' }, (worker) => {
        if (isWanted()) worker.activityTask(this.#start(run, activity));
      });
    });
    if (activity.scheduleToStartMs <= 0) return;
    const expire = () => {
      if (isWanted()) this.#timedOut(run, activity, 'SCHEDULE_TO_START');
    };
    activity.timeouts.push(clock.in(afterMs + activity.scheduleToStartMs + latency.timer(), expire));
  }

  #isCurrent(run: Execution, activity: PendingActivity, attempt: number): boolean {
    return run.activities.get(activity.scheduledEventId) === activity && activity.attempt === attempt;
  }

  #start(run: Execution, activity: PendingActivity): ActivityTask {
    const { clock, latency } = this.#context;
    activity.isStarted = true;
    activity.startedAt = clock.now;
    this.#clearTimeouts(activity);
    const { attempt, startToCloseMs } = activity;
    if (startToCloseMs > 0) {
      const expire = () => {
        if (this.#isCurrent(run, activity, attempt) && activity.isStarted)
          this.#timedOut(run, activity, 'START_TO_CLOSE');
      };
      activity.timeouts.push(clock.in(startToCloseMs + latency.timer(), expire));
    }
    this.#expectHeartbeat(run, activity);
    return { run, ...activity };
  }

  #expectHeartbeat(run: Execution, activity: PendingActivity): void {
    const { clock, latency } = this.#context;
    const { attempt, heartbeatMs } = activity;
    clock.cancel(activity.heartbeatTimeout);
    if (heartbeatMs <= 0) return;
    activity.heartbeatTimeout = clock.in(heartbeatMs + latency.timer(), () => {
      if (this.#isCurrent(run, activity, attempt) && activity.isStarted) this.#timedOut(run, activity, 'HEARTBEAT');
    });
  }

  /** The activity of an attempt that may still answer. */
  #answering({ run, scheduledEventId, attempt }: ActivityTask): PendingActivity | undefined {
    const activity = run.activities.get(scheduledEventId);
    return activity?.isStarted && activity.attempt === attempt ? activity : undefined;
  }

  heartbeat(task: ActivityTask, details: Payload[]): 'cancel' | 'not found' | 'go on' {
    const activity = this.#answering(task);
    if (!activity) return 'not found';
    activity.heartbeatDetails = details;
    activity.heartbeatAt = this.#context.clock.now;
    this.#expectHeartbeat(task.run, activity);
    return activity.cancelRequestedEventId === undefined ? 'go on' : 'cancel';
  }

  completed(task: ActivityTask, result: Payload): void {
    const activity = this.#answering(task);
    if (activity) this.#over(task.run, activity, 'ActivityTaskCompleted', { result: { payloads: [result] } });
  }

  canceled(task: ActivityTask): void {
    const activity = this.#answering(task);
    if (activity?.cancelRequestedEventId === undefined) return;
    const { cancelRequestedEventId: latestCancelRequestedEventId } = activity;
    this.#over(task.run, activity, 'ActivityTaskCanceled', { latestCancelRequestedEventId });
  }

  failed(task: ActivityTask, failure: Failure): void {
    const activity = this.#answering(task);
    if (!activity) return;
    const next = this.#nextAttempt(activity, failure);
    this.#traceEnd(task.run, activity, failure.message ?? '', next);
    if ('backoffMs' in next) this.#retry(task.run, activity, failure, next.backoffMs);
    else this.#over(task.run, activity, 'ActivityTaskFailed', { failure, retryState: next.state });
  }

  #timedOut(run: Execution, activity: PendingActivity, timeout: Timeout): void {
    if (run.activities.get(activity.scheduledEventId) !== activity) return;
    let failure = timeoutFailure(timeout);
    const next = this.#nextAttempt(activity, failure);
    this.#traceEnd(run, activity, timeout, next);
    if ('backoffMs' in next) {
      this.#retry(run, activity, failure, next.backoffMs);
      return;
    }
    if (next.state === retryStates.timeout) failure = timeoutFailure('SCHEDULE_TO_CLOSE');
    const { heartbeatDetails, lastFailure } = activity;
    if (heartbeatDetails && failure.timeoutFailureInfo)
      failure.timeoutFailureInfo.lastHeartbeatDetails = { payloads: heartbeatDetails };
    // Why it was still under way.
    if (lastFailure) failure.cause = lastFailure;
    this.#over(run, activity, 'ActivityTaskTimedOut', { failure, retryState: next.state });
  }

  #nextAttempt(activity: PendingActivity, failure: Failure): ReturnType<typeof nextAttempt> {
    if (activity.cancelRequestedEventId !== undefined) return { state: retryStates.cancelRequested };
    const { scheduleToCloseMs, firstScheduledAt, attempt, retry: rules } = activity;
    const { now } = this.#context.clock;
    const msLeft = scheduleToCloseMs > 0 ? firstScheduledAt + scheduleToCloseMs - now : Number.POSITIVE_INFINITY;
    return nextAttempt({ rules, attempt, failure }, msLeft);
  }

  #traceEnd({ workflowId }: Execution, { attempt, activityId }: PendingActivity, why: string, next: object): void {
    this.#context.trace(`${workflowId} attempt ${attempt} of ${activityId}: ${why} ${JSON.stringify(next)}`);
  }

  #retry(run: Execution, activity: PendingActivity, failure: Failure, backoffMs: number): void {
    activity.attempt += 1;
    activity.isStarted = false;
    activity.lastFailure = { ...failure, stackTrace: '' };
    activity.lastEndedAt = this.#context.clock.now;
    activity.scheduledAt = this.#context.clock.now + backoffMs;
    this.#clearTimeouts(activity);
    this.#dispatch(run, activity, backoffMs);
  }

  #over<T extends 'ActivityTaskCompleted' | 'ActivityTaskFailed' | 'ActivityTaskTimedOut' | 'ActivityTaskCanceled'>(
    run: Execution,
    activity: PendingActivity,
    type: T,
    attributes: object,
  ): void {
    const { log, wake } = this.#context;
    this.clear(activity);
    run.activities.delete(activity.scheduledEventId);
    const { scheduledEventId, attempt, lastFailure } = activity;
    let startedEventId = 0;
    if (activity.isStarted) {
      const started = { scheduledEventId, attempt, identity: 'worker', ...(lastFailure && { lastFailure }) };
      log.add(run, 'ActivityTaskStarted', started, activity.startedAt);
      if (!run.task?.isStarted) startedEventId = run.history.length;
    }
    log.add(run, type, { scheduledEventId, startedEventId, ...attributes } as never);
    wake(run);
  }

  /** Ends a pending activity, also one that waits for its next attempt; false when there is none. */
  completeById(run: Execution, activityId: string, result: Payload): boolean {
    const activity = this.pending(run).find((one) => one.activityId === activityId);
    if (!activity) return false;
    // The server writes that it began with it.
    if (!activity.isStarted) activity.startedAt = this.#context.clock.now;
    activity.isStarted = true;
    this.#over(run, activity, 'ActivityTaskCompleted', { result: { payloads: [result] } });
    return true;
  }

  /** Begins the next attempts at once, as the first ones; false when no such activity is pending. */
  reset(run: Execution, type: string): boolean {
    const { clock } = this.#context;
    const found = this.pending(run).filter((activity) => activity.activityType === type);
    for (const activity of found) {
      // The server counts the attempt under way to its end.
      if (activity.isStarted) continue;
      activity.attempt = 1;
      activity.lastFailure = undefined;
      activity.scheduledAt = clock.now;
      this.#clearTimeouts(activity);
      clock.cancel(activity.dispatching);
      this.#dispatch(run, activity, 0);
    }
    return found.length > 0;
  }

  /** Begins at once what waits to be tried again, and keeps its instant: as a server does that was killed and started again. */
  startEarly(run: Execution): void {
    const { clock } = this.#context;
    for (const activity of this.pending(run)) {
      if (activity.isStarted || activity.scheduledAt <= clock.now) continue;
      clock.cancel(activity.dispatching);
      this.#dispatch(run, activity, 0);
    }
  }

  /** Gives true when the run has to get another workflow task at once. */
  requestCancel(run: Execution, scheduledEventId: number, by: By): boolean {
    const { log } = this.#context;
    const { id } = log.append(run, 'ActivityTaskCancelRequested', { scheduledEventId, ...by });
    const activity = run.activities.get(scheduledEventId);
    if (!activity) return false;
    activity.cancelRequestedEventId = id;
    if (activity.isStarted) return false;
    // No worker has it, so it is over at once.
    this.clear(activity);
    run.activities.delete(scheduledEventId);
    log.add(run, 'ActivityTaskCanceled', {
      scheduledEventId,
      startedEventId: 0,
      latestCancelRequestedEventId: id,
      details: { payloads: [toPayload('ACTIVITY_ID_NOT_STARTED')] },
    });
    return true;
  }

  /** Nothing of it happens any more. */
  clear(activity: PendingActivity): void {
    const { clock } = this.#context;
    this.#clearTimeouts(activity);
    clock.cancel(activity.deadline);
    clock.cancel(activity.dispatching);
  }

  #clearTimeouts(activity: PendingActivity): void {
    const { clock } = this.#context;
    for (const due of activity.timeouts.splice(0)) clock.cancel(due);
    clock.cancel(activity.heartbeatTimeout);
  }

  closed(run: Execution): void {
    if (isRunning(run)) return;
    for (const activity of run.activities.values()) this.clear(activity);
    run.activities.clear();
  }
}
