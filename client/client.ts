import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure, WorkflowIdReusePolicy } from '@temporalio/common';
import { type Accepted, type By, resetWithinMs, type ToLeg } from '../domain/actions.ts';
import type { AccountSeen } from '../domain/conditions/condition.ts';
import type { PendingStep } from '../domain/conditions/pending-step.ts';
import { defaultTaskQueue, legKeyOf, vodRetryType } from '../domain/ids.ts';
import { isProved } from '../domain/legs/recording.ts';
import { cancelEffect } from '../domain/phases.ts';
import type { Plan, PreparedPlan } from '../domain/plan.ts';
import type { PlannedAtOnce, PlannedSpan } from '../domain/preflight.ts';
import type { EventStatus, LegStatus, VodRetry } from '../domain/report.ts';
import { goesOn } from '../domain/run-status.ts';
import type { EventUsage } from '../domain/usage/summary.ts';
import type { Usage } from '../domain/usage/usage.ts';
import type { UsageRequest } from './billed-runs.ts';
import { Bookings } from './bookings.ts';
import { countByPhase, type PhaseCount } from './counts.ts';
import { RefusedError } from './errors.ts';
import { EventRuns } from './event-runs.ts';
import {
  type EventPage,
  type EventSummary,
  firstValues,
  type ListedRun,
  type PageRequest,
  pageOf,
  queryOf,
  summaryOf,
} from './listing.ts';
import { type MonthUsage, usageOfMonth } from './month-usage.ts';
import { checkWords, isUnknownUpdate, retryIdOf } from './operator-words.ts';
import { pendingSteps } from './pending.ts';
import { plannedAtOnce } from './planned.ts';
import { checkRecorded } from './recorded.ts';
import { answerWithinMs, RunCalls, refuseUnlessRunning } from './run-calls.ts';
import { type RunState, runStateOf } from './run-state.ts';
import { type EventHandle, EventStarts, type StartOptions } from './starts.ts';
import { type LastSweep, lastSweep } from './sweep.ts';
import { withSwept } from './swept.ts';
import { PendingWork } from './under-way.ts';
import { UsageMemory, usageByKey, usageOfEvents } from './usage.ts';
import { accountSeen, type WorkerSeen, workersSeen } from './workers.ts';

/** What the clients of all tenants have in common. */
interface Shared {
  underWay: PendingWork;
  bookings: Bookings;
  memory: UsageMemory;
}

/** The typed client of showcaller, for other services, the CLI and the API. */
export class ShowcallerClient {
  readonly #client: Client;
  readonly #taskQueue: string;
  readonly #tenant: string | undefined;
  readonly #counts: Pick<StartOptions, 'countsSlots' | 'countsBudget'>;
  readonly #bookings: Bookings;
  readonly #starts: EventStarts;
  readonly #runs: EventRuns;
  readonly #calls: RunCalls;
  /** Shared with the clients of tenants: the connection is theirs too. */
  readonly #underWay: PendingWork;
  readonly #memory: UsageMemory;

  constructor(
    client: Client,
    options: StartOptions = {},
    { underWay, bookings, memory }: Shared = {
      memory: new UsageMemory(),
      underWay: new PendingWork(),
      bookings: new Bookings(client, { taskQueue: options.taskQueue ?? defaultTaskQueue }),
    },
  ) {
    this.#underWay = underWay;
    this.#memory = memory;
    this.#bookings = bookings;
    this.#client = client;
    this.#taskQueue = options.taskQueue ?? defaultTaskQueue;
    this.#tenant = options.tenant;
    const { countsSlots, countsBudget } = options;
    this.#counts = { countsSlots, countsBudget };
    this.#runs = new EventRuns(client, options.tenant);
    this.#calls = new RunCalls(client, this.#taskQueue);
    this.#starts = new EventStarts({
      client,
      runs: this.#runs,
      // A worker that does not answer must not hold up the caller.
      book: (request) => this.#calls.promptly(() => bookings.book(request)),
      release: (claim) => bookings.release(claim),
      options: { ...options, taskQueue: this.#taskQueue },
    });
  }

  /** The same for one tenant: events of others do not exist for it, nor do their names stand in its way. */
  forTenant(tenant: string | undefined): ShowcallerClient {
    if (tenant === this.#tenant) return this;
    const options = { taskQueue: this.#taskQueue, tenant, ...this.#counts };
    return new ShowcallerClient(this.#client, options, {
      underWay: this.#underWay,
      bookings: this.#bookings,
      memory: this.#memory,
    });
  }

  /**
   * Starts the event, or finds the one that runs. Refuses a plan with everything that is wrong with it.
   *
   * @throws BookedError when another event holds what it uses, and the configuration refuses that.
   * @throws OverBudgetError when the budget of its tenant has no room for it.
   * @throws NoSuchEventError with `findOnly`, when there is none to be found.
   */
  start(plan: Plan, options: { findOnly?: boolean; createdBy?: string } = {}): Promise<EventHandle> {
    return this.#starts.start(plan, options);
  }

  /** Temporal's status of the event that `start` would find, or would start again; undefined where there is none. */
  there(event: { eventId: string; tenant?: string }): Promise<string | undefined> {
    return this.#starts.there(event);
  }

  /**
   * The plan with every default; nothing is started.
   *
   * @throws InvalidPlanError with everything that is wrong with it.
   */
  check(plan: Plan): PreparedPlan {
    return this.#starts.check(plan);
  }

  /** How many events of ours hold channels of an account while another one does, as visibility has it. */
  planned(wanted: PlannedSpan, limit: number): Promise<PlannedAtOnce> {
    return plannedAtOnce(this.#client)(wanted, limit);
  }

  /**
   * The status of an event that runs, or the report of one that ended.
   *
   * @param runId of which of its runs; default: the newest
   * @param withinMs how long the run may take to answer; the deadline of `within` does not bound that
   */
  async status(eventId: string, runId?: string, withinMs?: number): Promise<EventStatus> {
    return this.#runs.about(eventId, async (newest) => {
      const handle = runId === undefined ? newest : this.#client.workflow.getHandle(newest.workflowId, runId);
      const { status } = await handle.describe();
      const found = await (goesOn(status.name) ? this.#calls.status(handle, withinMs) : this.#calls.result(handle));
      return withSwept(this.#client, handle.workflowId, found);
    });
  }

  /** What Temporal knows of the newest run of an event: by it is seen whether its status may have changed. */
  async runState(eventId: string): Promise<RunState> {
    return runStateOf(await this.#runs.about(eventId, (handle) => handle.describe()));
  }

  /** The steps that are under way, each with what it waits for or why its last attempt failed. */
  async pending(eventId: string): Promise<PendingStep[]> {
    return this.#runs.about(eventId, (handle) => pendingSteps(this.#client, handle));
  }

  /** Follows the event to its end and gives its report, however it ended. */
  async result(eventId: string): Promise<EventStatus> {
    return this.#runs.about(eventId, async (handle) =>
      withSwept(this.#client, handle.workflowId, await this.#calls.result(handle)),
    );
  }

  /** Events by Temporal's visibility, newest first; eventually consistent. */
  async *list(options: { query?: string; limit?: number } = {}): AsyncGenerator<EventSummary> {
    const filter = `${queryOf({ tenant: this.#tenant })}${options.query ? ` AND (${options.query})` : ''}`;
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for await (const run of this.#client.workflow.list({ query: filter })) {
      if (left-- <= 0) return;
      yield summaryOf(run.workflowId, run.status.name, firstValues(run.searchAttributes));
    }
  }

  /** The runs of events, one by one: an event that was started again has several. */
  async *listRuns(query: string): AsyncGenerator<EventSummary & { run: ListedRun }> {
    const filter = `${queryOf({ tenant: this.#tenant })} AND (${query})`;
    for await (const { workflowId, runId, status, searchAttributes, ...at } of this.#client.workflow.list({
      query: filter,
    })) {
      const closedAt = at.closeTime?.getTime();
      const run = { workflowId, runId, startedAt: at.startTime.getTime(), ...(closedAt && { closedAt }) };
      yield { ...summaryOf(workflowId, status.name, firstValues(searchAttributes)), run };
    }
  }

  /** One page of a list, for callers that come back for the next. @throws InvalidCursorError */
  page(request: PageRequest): Promise<EventPage> {
    return pageOf(this.#client, { ...request, tenant: this.#tenant ?? request.tenant });
  }

  /** What Temporal knows of an event by itself, with or without a worker. */
  async summary(eventId: string): Promise<EventSummary> {
    const { workflowId, status, searchAttributes } = await this.#runs.about(eventId, (handle) => handle.describe());
    return summaryOf(workflowId, status.name, firstValues(searchAttributes));
  }

  /** How many workers ask for events just now; a worker that has just gone may be among them. */
  async workers(): Promise<number> {
    return (await this.workersSeen()).length;
  }

  /** The workers that ask for events, and when Temporal last saw each. */
  workersSeen(): Promise<WorkerSeen[]> {
    return workersSeen(this.#client, this.#taskQueue);
  }

  /** What the poller of an account last saw. */
  accountSeen(vendor: string, account: string): Promise<AccountSeen> {
    return accountSeen(this.#client, { taskQueue: this.#taskQueue, vendor, account });
  }

  /** How many events are not over, by Temporal's visibility. */
  async countRunning({ scheduled }: { scheduled?: boolean } = {}): Promise<number> {
    return (await this.#client.workflow.count(queryOf({ running: true, tenant: this.#tenant, scheduled }))).count;
  }

  /** How many events of these vendors are in each phase, those that are over left out. */
  countByPhase(vendors: readonly string[]): Promise<PhaseCount[]> {
    return countByPhase(this.#client, vendors, this.#tenant);
  }

  /** What each event used in a span. @throws RefusedError when there are more than can be read at once */
  usage(request: UsageRequest): Promise<EventUsage[]> {
    return usageOfEvents(this, this.#client, request, this.#memory);
  }

  /** What the events used in a month of UTC, for budgets. */
  usageOfMonth(month: string): Promise<MonthUsage> {
    return usageOfMonth(this, this.#client, month, this.#memory);
  }

  /** What one event used until now. */
  usageOf(eventId: string): Promise<Usage> {
    return usageByKey(this, this.#client, eventId);
  }

  /** What the last sweep saw and released; undefined where there was none lately. */
  lastSweep(): Promise<LastSweep | undefined> {
    return lastSweep(this.#client);
  }

  /** Does the work; each of its calls to Temporal fails after so many milliseconds, and when `stop` is aborted. */
  within<T>(ms: number, work: () => Promise<T>, stop?: AbortSignal): Promise<T> {
    const stoppable = stop ? () => this.#client.withAbortSignal(stop, work) : work;
    return this.#underWay.add(this.#client.withDeadline(Date.now() + ms, stoppable));
  }

  /** Resolves when nothing that `within` began is under way: only then may the connection be closed. */
  settled(): Promise<void> {
    return this.#underWay.settled();
  }

  /** Ends the show now. The recording is published unless `keepRecording` is false. */
  stopNow(eventId: string, action: By & ToLeg & { keepRecording?: boolean }): Promise<Accepted> {
    return this.#runs.about(eventId, (handle) => this.#calls.act(handle, 'stopNow', action));
  }

  /** Moves the end, to an ISO instant, up to the plan's maximum duration. */
  extend(eventId: string, action: By & ToLeg & { endsAt: string }): Promise<Accepted> {
    return this.#runs.about(eventId, (handle) => this.#calls.act(handle, 'extend', action));
  }

  /** Moves an event that has not been allocated yet. */
  reschedule(eventId: string, action: By & ToLeg & { startsAt: string; endsAt: string }): Promise<Accepted> {
    return this.#runs.about(eventId, (handle) => this.#calls.act(handle, 'reschedule', action));
  }

  /** Goes live without having seen the encoder. */
  skipWait(eventId: string, action: By & ToLeg): Promise<Accepted> {
    return this.#runs.about(eventId, (handle) => this.#calls.act(handle, 'skipWait', action));
  }

  /** Drops the encoder's connection so that it reconnects. */
  resetEncoder(eventId: string, action: By & ToLeg): Promise<Accepted> {
    return this.#runs.about(eventId, (handle) =>
      this.#calls.act(handle, 'resetEncoder', action, resetWithinMs + answerWithinMs),
    );
  }

  /** Ends a run whose clean-up cannot succeed. Its report lists what is left at the vendor and still billed. */
  abandonCleanup(eventId: string, action: By & ToLeg): Promise<Accepted> {
    return this.#runs.about(eventId, async (handle) => {
      try {
        return await this.#calls.act(handle, 'abandonCleanup', action);
      } catch (error) {
        // A run of an older build knows the action by its former name.
        if (!isUnknownUpdate(error)) throw error;
        return this.#calls.act(handle, 'release', action);
      }
    });
  }

  /** @deprecated The former name of `abandonCleanup`. */
  release(eventId: string, action: By & ToLeg): Promise<Accepted> {
    process.emitWarning('ShowcallerClient.release is now called abandonCleanup', 'DeprecationWarning');
    return this.abandonCleanup(eventId, action);
  }

  /**
   * Publishes and proves the recording again: at once while the event still tries, by a small run of its own when the
   * event is over.
   */
  async retryVod(eventId: string, action: By & ToLeg): Promise<Accepted> {
    return this.#runs.about(eventId, async (handle) => {
      checkWords(action);
      const { status } = await handle.describe();
      if (goesOn(status.name)) return this.#calls.act(handle, 'retryVod', action);
      const report = await this.#calls.result(handle);
      if (report.legs) return this.#retryLeg(eventId, report.legs, action);
      checkRecorded(eventId, report);
      try {
        await this.#client.workflow.start(vodRetryType, {
          workflowId: retryIdOf(handle),
          taskQueue: this.#taskQueue,
          args: [{ report, ...action }],
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          staticSummary: `recording of ${eventId}`,
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        throw new RefusedError(`the recording of ${eventId} is being tried again already`, { cause: error });
      }
      return { accepted: true, effect: 'a run of its own tries the recording again' };
    });
  }

  /** Of an event that is over: the leg that is named, else the first whose recording is not proved. */
  #retryLeg(eventId: string, legs: readonly LegStatus[], { leg, ...action }: By & ToLeg): Promise<Accepted> {
    const one = legs.find((each) => (leg === undefined ? each.status?.output && !isProved(each) : each.name === leg));
    if (!one) throw new RefusedError(`${eventId} has no ${leg === undefined ? 'leg to prove' : `leg ${leg}`}`);
    return this.retryVod(legKeyOf(eventId, one.name), action);
  }

  /** Sends viewers to another leg; one that is held back begins. */
  switchLeg(eventId: string, action: By & { leg: string }): Promise<Accepted> {
    return this.#runs.about(eventId, (handle) => this.#calls.act(handle, 'switchLeg', action));
  }

  /** The outcome of the last `retryVod` of a finished event, once it is known; undefined where its newest run had none. */
  async vodRetry(eventId: string): Promise<VodRetry | undefined> {
    const [workflowId, { startTime }] = await this.#runs.about(
      eventId,
      async (handle) => [retryIdOf(handle), await handle.describe()] as const,
    );
    const { workflow } = this.#client;
    try {
      const retry = await workflow.getHandle(workflowId).describe();
      // An earlier run of the event had it.
      if (retry.startTime < startTime) return undefined;
      return (await workflow.getHandle(workflowId, retry.runId).result()) as VodRetry;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
      if (cause instanceof ApplicationFailure && cause.details?.[0]) return cause.details[0] as VodRetry;
      throw error;
    }
  }

  /**
   * Cancels the run: stops and cleans up, publishes nothing. The report says who did it and why, where that is given and a
   * worker answers.
   *
   * @throws RefusedError when it is over or paused
   */
  async cancel(eventId: string, action?: By): Promise<Accepted> {
    const { phase, workflowStatus } = await this.summary(eventId);
    refuseUnlessRunning(eventId, workflowStatus);
    await this.#runs.about(eventId, async (handle) => {
      if (action) await this.#calls.announceCancel(handle, action);
      await handle.cancel();
    });
    return { accepted: true, effect: cancelEffect(phase) };
  }
}
