import { messageOf } from '../../../../domain/message-of.ts';
import type { Clock, Due } from '../clock.ts';
import type { TaskAnswer } from '../commands.ts';
import { type OnActivation, SimulatedCore, TaskFailedError } from '../core/core.ts';
import type { LocalResolution } from '../core/local-activities.ts';
import { tasksOf } from '../core/replay.ts';
import { NondeterminismError } from '../core/run-state.ts';
import type { Failure, HistoryEvent, Payload } from '../events.ts';
import type { WorkflowSandbox } from '../sdk-internals.ts';
import type { ActivityTask, Execution, TaskHandler, WorkflowTask } from '../server/execution.ts';
import { isRunning } from '../server/execution.ts';
import type { Latencies } from '../server/latencies.ts';
import type { SimulatedServer } from '../server/server.ts';
import type { Skew } from '../virtual-globals.ts';
import type { ActivityFunction } from './activity-attempt.ts';
import { LocalAttempts } from './local-attempts.ts';
import { RemoteAttempt } from './remote-attempt.ts';

export interface SimulatedWorkerOptions {
  name: string;
  clock: Clock;
  server: SimulatedServer;
  sandbox: WorkflowSandbox;
  taskQueue: string;
  /** Asks for one kind of task. Default: both. */
  only?: 'workflows' | 'activities';
  activities: Readonly<Record<string, ActivityFunction>>;
  latency: Latencies;
  /** How far the clock of its machine is off. Default 0. */
  skewMs?: Skew;
  maxHeartbeatThrottleMs?: number;
  onActivation?: OnActivation;
  /** Replays each run's history before each task, and compares. */
  neverCaches?: boolean;
}

/** A run in the memory of a worker. */
interface CachedRun {
  core: SimulatedCore;
  local: LocalAttempts;
  /** The task whose answer is held back by local activities. */
  open?: { task: WorkflowTask; heartbeat: Due };
}

/** Core answers a task that local activities hold back after 80 % of its timeout. */
const heartbeatShare = 0.8;

/** A worker process: it may be killed at any time, and then nothing of it happens any more. */
export class SimulatedWorker implements TaskHandler {
  readonly name: string;
  readonly #options: SimulatedWorkerOptions;
  readonly #cache = new Map<string, CachedRun>();
  readonly #attempts = new Set<RemoteAttempt>();
  #isAlive = true;
  /** Workflow tasks that failed, and histories that do not replay: faults of ours, or of the simulation. */
  readonly taskFailures: string[] = [];
  tasks = 0;

  constructor(options: SimulatedWorkerOptions) {
    this.name = options.name;
    this.#options = options;
    for (const kind of options.only ? [options.only] : (['workflows', 'activities'] as const))
      options.server.queues.register({ name: options.taskQueue, kind }, this);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get attemptsUnderWay(): number {
    return this.#attempts.size;
  }

  knows(runId: string): number {
    return this.#options.neverCaches ? 0 : (this.#cache.get(runId)?.core.lastStartedId ?? 0);
  }

  /** As a SIGKILL: its memory is gone, its attempts answer nothing any more, and none of its timers fires. */
  kill(): void {
    this.#isAlive = false;
    this.#options.server.queues.unregister(this);
    for (const attempt of this.#attempts) attempt.kill();
    this.#attempts.clear();
    for (const runId of [...this.#cache.keys()]) this.#forget(runId);
  }

  /** Asks for nothing more, answers what it has, and frees what it holds. */
  async close(): Promise<void> {
    this.#options.server.queues.unregister(this);
    this.#isAlive = false;
    const cached = [...this.#cache.values()];
    this.#cache.clear();
    for (const { local } of cached) local.kill();
    await Promise.all(cached.map(({ core }) => core.dispose()));
  }

  #forget(runId: string): void {
    const cached = this.#cache.get(runId);
    if (!cached) return;
    this.#cache.delete(runId);
    this.#options.clock.cancel(cached.open?.heartbeat);
    cached.local.kill();
    void cached.core.dispose();
  }

  workflowTask(task: WorkflowTask): void {
    this.tasks += 1;
    // The code runs in no time; what takes time is until the server has the answer.
    this.#options.clock.in(0, () => this.#attemptTask(task, () => this.#begin(task)));
  }

  /** Runs code of the workflow; its errors fail the task. */
  async #attemptTask(task: WorkflowTask, work: () => Promise<void>): Promise<void> {
    if (!this.isAlive) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof TaskFailedError || error instanceof NondeterminismError)) throw error;
      this.taskFailures.push(`${task.run.workflowId}: ${error.name}: ${error.message}`);
      const failure = error instanceof TaskFailedError ? error.failure : { message: `[TMPRL1100] ${error.message}` };
      this.#fail(task, failure);
    }
  }

  async #begin(task: WorkflowTask): Promise<void> {
    const { run, isFull, events, updates } = task;
    const cached = isFull ? await this.#rebuilt(run, events) : this.#cache.get(run.runId);
    if (!cached) throw new Error(`${this.name} does not know ${run.workflowId}`);
    await cached.core.task({ events: isFull ? tasksOf(events).rest : events, updates });
    const heartbeat = this.#options.clock.in(run.taskTimeoutMs * heartbeatShare, () =>
      this.#answerIfDone(cached, task, true),
    );
    cached.open = { task, heartbeat };
    this.#answerIfDone(cached, task);
  }

  #answerIfDone(cached: CachedRun, task: WorkflowTask, isLate = false): void {
    const { core, local, open } = cached;
    if (!this.isAlive || open?.task !== task) return;
    local.take(core.takeLocalRequests());
    const isWaiting = core.localActivitiesUnderWay > 0;
    if (isWaiting && !isLate) return;
    const { clock, latency } = this.#options;
    clock.cancel(open.heartbeat);
    cached.open = undefined;
    const answer = core.answer({ asksForAnother: isWaiting });
    clock.in(latency.workflowTask(), () => this.#answer(task, answer));
  }

  #onLocalResolved(run: Execution, resolution: LocalResolution): unknown {
    const cached = this.#cache.get(run.runId);
    if (!this.isAlive || !cached) return;
    const task = cached.open?.task;
    if (!task) return cached.core.resolveLocal(resolution);
    return this.#attemptTask(task, async () => {
      await cached.core.resolveLocal(resolution);
      this.#answerIfDone(cached, task);
    });
  }

  #fail({ run, token }: WorkflowTask, failure: Failure): void {
    const { clock, latency, server } = this.#options;
    this.#forget(run.runId);
    clock.in(latency.workflowTask(), () => {
      if (this.isAlive) server.tasks.failed(run, token, failure);
    });
  }

  #answer({ run, token, events }: WorkflowTask, answer: TaskAnswer): void {
    if (!this.isAlive) return;
    const { lastStartedId: before, history } = run;
    const lastId = history.length;
    const outcome = this.#options.server.tasks.completed(run, token, this, answer);
    if (outcome === 'lost') this.#forget(run.runId);
    const core = this.#cache.get(run.runId)?.core;
    if (outcome === 'undone') core?.undo(before, Math.min(lastId, (events.at(-1)?.id ?? 0) - 2));
    if (!isRunning(run)) this.#concludeAtTheEnd(run, core);
  }

  /** The history as it is in the end must be what the code in memory asked for. */
  #concludeAtTheEnd(run: Execution, core: SimulatedCore | undefined): void {
    try {
      core?.conclude(run.history);
    } catch (error) {
      this.taskFailures.push(`${run.workflowId}, at its end: ${messageOf(error)}`);
    }
  }

  /** A run that is not in memory is replayed, with the code of now. */
  async #rebuilt(run: Execution, events: readonly HistoryEvent[]): Promise<CachedRun> {
    this.#forget(run.runId);
    const cached = this.#cached(run);
    this.#cache.set(run.runId, cached);
    for (const recorded of tasksOf(events).tasks) {
      await cached.core.task({ ...recorded, isReplaying: true });
      cached.core.answer();
    }
    return cached;
  }

  #cached(run: Execution): CachedRun {
    const { clock, sandbox, onActivation, activities, skewMs = 0 } = this.#options;
    const { workflowId, runId, taskQueue } = run;
    const identity = { workflowId, runId, taskQueue, namespace: 'default' };
    const core = new SimulatedCore(sandbox, identity, onActivation);
    const local = new LocalAttempts({
      clock,
      identity,
      workflowType: run.type,
      skewMs,
      functionOf: (activityType) => activities[activityType],
      onResolved: (resolution) => this.#onLocalResolved(run, resolution),
    });
    return { core, local };
  }

  async query(run: Execution, name: string, args: Payload[]) {
    const known = this.#cache.get(run.runId);
    if (known) return known.core.query(name, args);
    const { core } = await this.#rebuilt(run, run.history);
    core.conclude(run.history);
    return core.query(name, args);
  }

  activityTask(task: ActivityTask): void {
    const { clock, activities, server, latency, maxHeartbeatThrottleMs = 1000, skewMs = 0 } = this.#options;
    const fn = activities[task.activityType];
    if (!fn) {
      const message = `Activity function ${task.activityType} is not registered on this Worker`;
      server.activities.failed(task, { message, applicationFailureInfo: { type: 'NotFoundError' } });
      return;
    }
    const attempt: RemoteAttempt = new RemoteAttempt(task, fn, {
      clock,
      activities: server.activities,
      latency,
      maxHeartbeatThrottleMs,
      skewMs,
      onOver: () => this.#attempts.delete(attempt),
    });
    this.#attempts.add(attempt);
    attempt.run();
  }
}
