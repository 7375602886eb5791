import type { Failure, HistoryEvent, Payload, RetryPolicy } from '../events.ts';
import { durationOf, fromPayload, millis, toPayload } from '../payloads.ts';
import { type Job, type LangCommand, temporal } from '../sdk-internals.ts';
import { NondeterminismError, type RunState } from './run-state.ts';

const markerName = 'core_local_activity';

/** A local activity as the worker runs it. */
export interface LocalActivityTask {
  seq: number;
  activityId: string;
  activityType: string;
  attempt: number;
  input: Payload[];
  scheduleToCloseMs: number;
  startToCloseMs: number;
  retryPolicy: RetryPolicy;
  /** A longer pause than this is a timer of the workflow. */
  localRetryThresholdMs: number;
  /** Epoch milliseconds of the first attempt's schedule. */
  originalScheduleAt: number;
}

export type LocalOutcome =
  | { completed: Payload }
  | { failed: Failure }
  | { cancelled: Failure }
  | { timedOut: Failure };

export interface LocalResolution {
  seq: number;
  outcome: LocalOutcome;
  runtimeMs: number;
  attempt: number;
  /** Set where the workflow has to wait for the next attempt. */
  backoffMs?: number;
}

/** What Core asks of the worker. */
export type LocalRequest = { start: LocalActivityTask } | { cancel: number };

interface Machine {
  task: LocalActivityTask;
  cancellationType: number;
  state: 'waiting-for-marker' | 'running' | 'resolved' | 'resolved-from-marker';
  scheduledNow: number;
}

/** As serde writes it into the marker. */
interface MarkerData {
  seq: number;
  attempt: number;
  activity_id: string;
  activity_type: string;
  complete_time: { seconds: number; nanos: number } | null;
  backoff: { seconds: number; nanos: number } | null;
  original_schedule_time: { seconds: number; nanos: number } | null;
}

const [tryCancel, abandon] = [0, 2];
const cancelledFailure: Failure = { canceledFailureInfo: {} };

/** Local activities of one run: run by the worker, recorded as markers, resolved from markers in a replay. */
export class LocalActivities {
  readonly #state: RunState;
  readonly #machines = new Map<number, Machine>();
  /** Markers that stand behind the task under way, by sequence number, in their order. */
  readonly #ahead = new Map<number, MarkerData & { result?: Payload; failure?: Failure }>();
  #requests: LocalRequest[] = [];
  readonly #underWay = new Set<number>();

  constructor(state: RunState) {
    this.#state = state;
  }

  /** How many the worker has not answered yet. */
  get underWay(): number {
    return this.#underWay.size;
  }

  takeRequests(): LocalRequest[] {
    return this.#requests.splice(0);
  }

  schedule(command: NonNullable<LangCommand['scheduleLocalActivity']>): void {
    const seq = command.seq ?? 0;
    const task: LocalActivityTask = {
      seq,
      activityId: command.activityId ?? String(seq),
      activityType: command.activityType ?? '',
      attempt: Math.max(1, command.attempt ?? 1),
      input: command.arguments ?? [],
      scheduleToCloseMs: millis(command.scheduleToCloseTimeout),
      startToCloseMs: millis(command.startToCloseTimeout),
      retryPolicy: command.retryPolicy ?? {},
      localRetryThresholdMs: command.localRetryThreshold ? millis(command.localRetryThreshold) : 60_000,
      originalScheduleAt: command.originalScheduleTime ? millis(command.originalScheduleTime) : this.#state.now,
    };
    const { isReplaying, now } = this.#state;
    const state = isReplaying ? 'waiting-for-marker' : 'running';
    this.#machines.set(seq, { task, cancellationType: command.cancellationType ?? 0, state, scheduledNow: now });
    if (!isReplaying) this.#start(task);
  }

  #start(task: LocalActivityTask): void {
    this.#underWay.add(task.seq);
    this.#requests.push({ start: task });
  }

  /** Gives false where nothing has to reach the workflow any more. */
  resolve(resolution: LocalResolution): boolean {
    const machine = this.#machine(resolution.seq);
    this.#underWay.delete(resolution.seq);
    if (machine.state !== 'running') return false;
    machine.state = 'resolved';
    this.#deliver(machine, resolution, true);
    return true;
  }

  cancel(seq: number): void {
    const machine = this.#machine(seq);
    const isImmediate = machine.cancellationType === tryCancel || machine.cancellationType === abandon;
    if (machine.state === 'waiting-for-marker') this.resolveFromMarkers();
    if (machine.state !== 'running') return;
    const queued = this.#requests.findIndex((one) => 'start' in one && one.start.seq === seq);
    if (queued >= 0) {
      this.#requests.splice(queued, 1);
      this.resolve({ seq, outcome: { cancelled: cancelledFailure }, runtimeMs: 0, attempt: machine.task.attempt });
      return;
    }
    if (machine.cancellationType !== abandon) this.#requests.push({ cancel: seq });
    if (!isImmediate) return;
    machine.state = 'resolved';
    if (machine.cancellationType === abandon) this.#underWay.delete(seq);
    this.#deliver(
      machine,
      { seq, outcome: { cancelled: cancelledFailure }, runtimeMs: -1, attempt: machine.task.attempt },
      true,
    );
  }

  /** Markers behind the task under way: what they say was known to the code in this task. */
  lookAhead(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      const marker = markerOf(event);
      if (!marker) continue;
      const machine = this.#machines.get(marker.seq);
      if (!machine || machine.state === 'waiting-for-marker') this.#ahead.set(marker.seq, marker);
    }
    this.resolveFromMarkers();
  }

  /** In the order of the markers, as far as the code has asked for them. */
  resolveFromMarkers(): void {
    for (const [seq, marker] of this.#ahead) {
      const machine = this.#machines.get(seq);
      if (!machine) return;
      this.#ahead.delete(seq);
      if (machine.state !== 'waiting-for-marker') continue;
      machine.state = 'resolved-from-marker';
      if (marker.complete_time) this.#state.advanceTo(instantOf(marker.complete_time));
      const outcome = outcomeOf(marker);
      const backoffMs = marker.backoff ? millis(marker.backoff as never) : undefined;
      const { attempt } = marker;
      this.#deliver(
        machine,
        { seq, outcome, runtimeMs: -1, attempt, ...(backoffMs !== undefined && { backoffMs }) },
        false,
      );
    }
  }

  /** A task that no history has yet: what has no marker has to be run. */
  startedAnew(): void {
    for (const machine of this.#machines.values()) {
      if (machine.state !== 'waiting-for-marker') continue;
      machine.state = 'running';
      this.#start(machine.task);
    }
  }

  /** True when the marker needs no command: it was resolved from it. */
  takesMarker(event: HistoryEvent): boolean {
    const marker = markerOf(event);
    if (!marker) return false;
    const machine = this.#machine(marker.seq);
    if (machine.task.activityType !== marker.activity_type || machine.task.activityId !== marker.activity_id)
      throw new NondeterminismError(
        `local activity ${marker.activity_type} ${marker.activity_id} is ${machine.task.activityType} ${machine.task.activityId} in the code`,
      );
    return machine.state === 'resolved-from-marker';
  }

  #machine(seq: number): Machine {
    const machine = this.#machines.get(seq);
    if (!machine) throw new NondeterminismError(`there is no local activity ${seq}`);
    return machine;
  }

  #deliver(
    machine: Machine,
    { seq, outcome, runtimeMs, attempt, backoffMs }: LocalResolution,
    recordsMarker: boolean,
  ): void {
    const { task, scheduledNow } = machine;
    const completeAt = runtimeMs < 0 ? undefined : scheduledNow + runtimeMs;
    const result = backoffMs === undefined ? resultOf(task, outcome) : this.#backoff(task, attempt, backoffMs);
    this.#state.jobs.push({ resolveActivity: { seq, result, isLocal: true } });
    if (completeAt !== undefined) this.#state.advanceTo(completeAt);
    if (!recordsMarker) return;
    const data: MarkerData = {
      seq,
      attempt,
      activity_id: task.activityId,
      activity_type: task.activityType,
      complete_time: completeAt === undefined ? null : durationOf(completeAt),
      backoff: backoffMs === undefined ? null : durationOf(backoffMs),
      original_schedule_time: durationOf(task.originalScheduleAt),
    };
    const details = {
      data: { payloads: [toPayload(data)] },
      ...('completed' in outcome && { result: { payloads: [outcome.completed] } }),
    };
    const failure = failureOf(outcome);
    this.#state.send('RecordMarker', { markerName, details, ...(failure && { failure }) });
  }

  #backoff(task: LocalActivityTask, attempt: number, backoffMs: number) {
    return {
      backoff: {
        attempt: attempt + 1,
        backoffDuration: durationOf(backoffMs),
        originalScheduleTime: durationOf(task.originalScheduleAt),
      },
    } as unknown as NonNullable<NonNullable<Job['resolveActivity']>['result']>;
  }
}

function markerOf(event: HistoryEvent): (MarkerData & { result?: Payload; failure?: Failure }) | undefined {
  if (event.type !== 'MarkerRecorded' || event.attributes.markerName !== markerName) return undefined;
  const { details, failure } = event.attributes;
  const result = details?.result?.payloads?.[0];
  const data = fromPayload(details?.data?.payloads?.[0]) as MarkerData;
  return { ...data, ...(result && { result }), ...(failure && { failure }) };
}

const instantOf = ({ seconds, nanos }: { seconds: number; nanos: number }): number => seconds * 1000 + nanos / 1e6;

function outcomeOf({ failure, result }: { failure?: Failure; result?: Payload }): LocalOutcome {
  if (!failure) return { completed: result ?? {} };
  const isCancelled = failure.canceledFailureInfo || failure.cause?.canceledFailureInfo;
  return isCancelled ? { cancelled: failure } : { failed: failure };
}

const failureOf = (outcome: LocalOutcome): Failure | undefined =>
  'completed' in outcome ? undefined : Object.values(outcome)[0];

/** Cancellations and timeouts come wrapped as the failure of an activity. */
function resultOf({ activityType, activityId }: LocalActivityTask, outcome: LocalOutcome) {
  const wrapped = (message: string, cause: Failure): Failure => ({
    message,
    cause,
    activityFailureInfo: {
      activityType: { name: activityType },
      activityId,
      identity: '',
      retryState: temporal.api.enums.v1.RetryState.RETRY_STATE_CANCEL_REQUESTED,
    },
  });
  if ('completed' in outcome) return { completed: { result: outcome.completed } };
  if ('cancelled' in outcome) {
    const { cancelled } = outcome;
    const failure = cancelled.canceledFailureInfo ? wrapped('Local Activity cancelled', cancelled) : cancelled;
    return { cancelled: { failure } };
  }
  if ('timedOut' in outcome) {
    const { timedOut } = outcome;
    const failure = timedOut.timeoutFailureInfo ? wrapped('Local Activity timed out', timedOut) : timedOut;
    return { failed: { failure } };
  }
  return { failed: { failure: outcome.failed } };
}
