import type { Clock, Due } from '../clock.ts';
import type { Payload } from '../events.ts';
import { fromPayload } from '../payloads.ts';
import type { Activities } from '../server/activities.ts';
import type { ActivityTask } from '../server/execution.ts';
import type { Latencies } from '../server/latencies.ts';
import type { Skew } from '../virtual-globals.ts';
import { ActivityAttempt, type ActivityFunction, type AttemptEnd } from './activity-attempt.ts';

/** Core reports a local timeout to an attempt so much later than the server does. */
const localTimeoutBufferMs = 5000;
const longestThrottleMs = 30_000;

export interface RemoteAttemptOptions {
  clock: Clock;
  activities: Activities;
  latency: Latencies;
  maxHeartbeatThrottleMs: number;
  skewMs: Skew;
  onOver(): void;
}

interface Heartbeat {
  due: Due;
  /** What came while it was throttled. */
  newest?: Payload[];
}

/** An attempt of an activity: it heartbeats to the server, throttled as Core does, and answers it. */
export class RemoteAttempt {
  readonly #task: ActivityTask;
  readonly #options: RemoteAttemptOptions;
  readonly #attempt: ActivityAttempt;
  #heartbeat: Heartbeat | undefined;
  /** Sent, and not yet with the server. */
  #underWay: Payload[] | undefined;
  #localTimeout: Due | undefined;

  constructor(task: ActivityTask, fn: ActivityFunction, options: RemoteAttemptOptions) {
    this.#task = task;
    this.#options = options;
    this.#attempt = new ActivityAttempt({
      fn,
      input: task.input,
      info: infoOf(task),
      skewMs: options.skewMs,
      onHeartbeat: (details) => {
        if (this.#heartbeat) this.#heartbeat.newest = details;
        else this.#send(details);
      },
      onEnd: (end) => this.#answer(end),
    });
  }

  run(): void {
    this.#watch();
    this.#attempt.run();
  }

  kill(): void {
    this.#attempt.kill();
  }

  /** As long as the attempt is alive. */
  #in(ms: number, action: () => void): Due {
    return this.#options.clock.in(ms, () => {
      if (!this.#attempt.isOver) action();
    });
  }

  /** Core counts the timeouts too, so that an attempt that timed out does not go on for nothing. */
  #watch(): void {
    const { heartbeatMs, startToCloseMs } = this.#task;
    const ms = heartbeatMs > 0 ? heartbeatMs : startToCloseMs;
    this.#options.clock.cancel(this.#localTimeout);
    if (ms > 0) this.#localTimeout = this.#in(ms + localTimeoutBufferMs, () => this.#attempt.cancel('TIMED_OUT'));
  }

  #send(details: Payload[]): void {
    const { activities, latency, maxHeartbeatThrottleMs } = this.#options;
    const { heartbeatMs } = this.#task;
    const throttleMs = Math.min(heartbeatMs > 0 ? heartbeatMs * 0.8 : longestThrottleMs, maxHeartbeatThrottleMs);
    const heartbeat: Heartbeat = {
      due: this.#in(throttleMs, () => {
        this.#heartbeat = undefined;
        if (heartbeat.newest) this.#send(heartbeat.newest);
      }),
    };
    this.#heartbeat = heartbeat;
    this.#underWay = details;
    this.#in(latency.answer(), () => {
      this.#underWay = undefined;
      const answer = activities.heartbeat(this.#task, details);
      this.#watch();
      if (answer === 'cancel') this.#attempt.cancel('CANCELLED');
      if (answer === 'not found') this.#attempt.cancel('NOT_FOUND');
    });
  }

  #answer(end: AttemptEnd): void {
    const { clock, activities, latency, onOver } = this.#options;
    const newest = this.#heartbeat?.newest ?? this.#underWay;
    clock.cancel(this.#heartbeat?.due);
    clock.cancel(this.#localTimeout);
    onOver();
    const { lifetime, cancelReason } = this.#attempt;
    clock.in(latency.answer(), () => {
      if (lifetime.dead) return;
      // The last heartbeat of an attempt that failed comes before its failure.
      if ('failed' in end && newest) activities.heartbeat(this.#task, newest);
      if ('completed' in end) activities.completed(this.#task, end.completed);
      else if ('failed' in end) activities.failed(this.#task, end.failed);
      else if (cancelReason === 'CANCELLED') activities.canceled(this.#task);
    });
  }
}

const infoOf = (task: ActivityTask): ConstructorParameters<typeof ActivityAttempt>[0]['info'] => ({
  activityId: task.activityId,
  activityType: task.activityType,
  attempt: task.attempt,
  isLocal: false,
  workflowExecution: { workflowId: task.run.workflowId, runId: task.run.runId },
  workflowType: task.run.type,
  taskQueue: task.run.taskQueue,
  scheduledTimestampMs: task.firstScheduledAt,
  currentAttemptScheduledTimestampMs: task.scheduledAt,
  scheduleToCloseTimeoutMs: task.scheduleToCloseMs,
  startToCloseTimeoutMs: task.startToCloseMs,
  heartbeatTimeoutMs: task.heartbeatMs,
  heartbeatDetails: fromPayload(task.heartbeatDetails?.[0]),
});
