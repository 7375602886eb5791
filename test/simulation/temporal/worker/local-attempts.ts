import type { Clock, Due } from '../clock.ts';
import type { LocalActivityTask, LocalOutcome, LocalRequest, LocalResolution } from '../core/local-activities.ts';
import type { RunIdentity } from '../core/run-state.ts';
import { nextAttempt, retryRulesOf, timeoutFailure } from '../server/retry-policy.ts';
import type { Skew } from '../virtual-globals.ts';
import { ActivityAttempt, type ActivityFunction, type AttemptEnd } from './activity-attempt.ts';

export interface LocalAttemptsOptions {
  clock: Clock;
  identity: RunIdentity;
  workflowType: string;
  skewMs: Skew;
  functionOf(activityType: string): ActivityFunction | undefined;
  onResolved(resolution: LocalResolution): unknown;
}

interface Running {
  task: LocalActivityTask;
  attemptNumber: number;
  scheduledAt: number;
  startedAt: number;
  attempt?: ActivityAttempt;
  retry?: Due;
  timeouts: Due[];
  isCancelled: boolean;
}

/** Local activities of one run on one worker: attempts and short pauses between them, of which the server hears nothing. */
export class LocalAttempts {
  readonly #options: LocalAttemptsOptions;
  readonly #running = new Map<number, Running>();

  constructor(options: LocalAttemptsOptions) {
    this.#options = options;
  }

  take(requests: readonly LocalRequest[]): void {
    for (const request of requests) {
      if ('start' in request) this.#start(request.start);
      else this.#cancel(request.cancel);
    }
  }

  kill(): void {
    for (const running of this.#running.values()) this.#clear(running)?.kill();
    this.#running.clear();
  }

  #start(task: LocalActivityTask): void {
    const { clock } = this.#options;
    const running: Running = {
      task,
      attemptNumber: task.attempt,
      scheduledAt: clock.now,
      startedAt: clock.now,
      timeouts: [],
      isCancelled: false,
    };
    this.#running.set(task.seq, running);
    if (task.scheduleToCloseMs > 0) {
      const left = task.originalScheduleAt + task.scheduleToCloseMs - clock.now;
      const expire = () => this.#end(running, { timedOut: timeoutFailure('SCHEDULE_TO_CLOSE') });
      running.timeouts.push(clock.in(left, expire));
    }
    this.#try(running);
  }

  #try(running: Running): void {
    const { clock, functionOf, identity, workflowType, skewMs } = this.#options;
    const { task, attemptNumber } = running;
    const fn = functionOf(task.activityType);
    if (!fn) throw new Error(`the worker has no activity ${task.activityType}`);
    running.startedAt = clock.now;
    const startToCloseMs = task.startToCloseMs || task.scheduleToCloseMs;
    // Core says it by the clock of the worker's machine.
    const scheduledAt = running.scheduledAt + (typeof skewMs === 'function' ? skewMs() : (skewMs ?? 0));
    const attempt = new ActivityAttempt({
      fn,
      input: task.input,
      skewMs,
      info: {
        activityId: task.activityId,
        activityType: task.activityType,
        attempt: attemptNumber,
        isLocal: true,
        workflowExecution: { workflowId: identity.workflowId, runId: identity.runId },
        workflowType,
        taskQueue: identity.taskQueue,
        scheduledTimestampMs: scheduledAt,
        currentAttemptScheduledTimestampMs: scheduledAt,
        scheduleToCloseTimeoutMs: task.scheduleToCloseMs,
        startToCloseTimeoutMs: startToCloseMs,
        heartbeatTimeoutMs: 0,
        heartbeatDetails: undefined,
      },
      onEnd: (end) => this.#attemptEnded(running, attempt, end),
    });
    running.attempt = attempt;
    if (task.startToCloseMs > 0) {
      const expire = () => {
        if (running.attempt !== attempt || attempt.isOver) return;
        attempt.cancel('TIMED_OUT');
        this.#failed(running, { timedOut: timeoutFailure('START_TO_CLOSE') });
      };
      clock.in(task.startToCloseMs, expire);
    }
    attempt.run();
  }

  #attemptEnded(running: Running, attempt: ActivityAttempt, end: AttemptEnd): void {
    if (running.attempt !== attempt || attempt.cancelReason === 'TIMED_OUT') return;
    if ('failed' in end && !running.isCancelled) this.#failed(running, end);
    else this.#end(running, end);
  }

  #failed(running: Running, outcome: { failed: object } | { timedOut: object }): void {
    const { clock } = this.#options;
    const { task, attemptNumber: attempt } = running;
    const failure = 'failed' in outcome ? outcome.failed : outcome.timedOut;
    const next = nextAttempt({ rules: retryRulesOf(task.retryPolicy), attempt, failure }, Number.POSITIVE_INFINITY);
    if (!('backoffMs' in next)) this.#end(running, outcome);
    else if (next.backoffMs > task.localRetryThresholdMs) this.#end(running, outcome, next.backoffMs);
    else {
      running.attempt = undefined;
      running.retry = clock.in(next.backoffMs, () => {
        running.attemptNumber += 1;
        this.#try(running);
      });
    }
  }

  #cancel(seq: number): void {
    const running = this.#running.get(seq);
    if (!running || running.isCancelled) return;
    running.isCancelled = true;
    if (running.attempt) running.attempt.cancel('CANCELLED');
    else this.#end(running, { cancelled: { canceledFailureInfo: {} } });
  }

  #end(running: Running, outcome: LocalOutcome, backoffMs?: number): void {
    const { clock, onResolved } = this.#options;
    const { task, startedAt, attemptNumber: attempt } = running;
    if (this.#running.get(task.seq) !== running) return;
    this.#running.delete(task.seq);
    this.#clear(running)?.cancel('TIMED_OUT');
    const runtimeMs = clock.now - startedAt;
    const resolution = { seq: task.seq, outcome, runtimeMs, attempt, ...(backoffMs !== undefined && { backoffMs }) };
    // On the clock, so that the workflow goes on before time does.
    clock.in(0, () => onResolved(resolution));
  }

  #clear({ attempt, retry, timeouts }: Running): ActivityAttempt | undefined {
    const { clock } = this.#options;
    clock.cancel(retry);
    for (const due of timeouts) clock.cancel(due);
    return attempt;
  }
}
