import { randomUUID } from 'node:crypto';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { type BookingAnswer, type BookingRequest, bookingRequestOf, type Conflict } from '../domain/booking/request.ts';
import { eventIdOf, eventKeyOf, firstRunMemo, legKeyOf, taskTimeout, workflowType } from '../domain/ids.ts';
import type { Plan, PreparedPlan } from '../domain/plan.ts';
import { withoutMarkup } from '../domain/text.ts';
import { checkPlan } from '../plan/check.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import { BookedError, InvalidPlanError, NoSuchEventError, NotSetUpError, OverBudgetError } from './errors.ts';
import type { EventRuns } from './event-runs.ts';
import { notRunAgain } from './run-again.ts';
import { differencesOf, planStartedWith } from './same-plan.ts';

export interface StartOptions {
  /** Where the workers listen. Default `showcaller`. */
  taskQueue?: string;
  /** The tenant whose events these are; without it the events of all tenants, named by their key (`acme/final`). */
  tenant?: string;
  /** Whether the channels of an account are counted, so that an event books one; where it is unknown the run knows it. */
  countsSlots?: (vendor: string, account: string) => boolean;
  /** Whether a tenant has a budget for the month, so that an event books its part; where it is unknown the run knows it. */
  countsBudget?: (tenant: string) => boolean;
}

export interface EventHandle {
  eventId: string;
  workflowId: string;
  /** False when the event runs already, or ran: its plan was left as it is. */
  started: boolean;
  /** The status in Temporal of the event that was there: RUNNING, COMPLETED … */
  found?: string;
  /** Of one that was there: whether it was started with the same plan. */
  samePlan?: boolean;
  /** The fields in which the plan that it was started with differs from this one; empty when it is the same. */
  differs?: string[];
  /** Where the configuration only warns: what other events hold at the same time. */
  conflicts?: readonly Conflict[];
}

/** How an event is started. */
interface StartRequest {
  /** Nothing is started: only an event that is there is found. */
  findOnly?: boolean;
  /** Who starts it: kept in its report. */
  createdBy?: string;
}

/** What starting an event needs. */
export interface StartDeps {
  client: Client;
  runs: EventRuns;
  book(request: BookingRequest): Promise<BookingAnswer>;
  release(claim: { event: string; claim: string }): Promise<void>;
  options: StartOptions & { taskQueue: string };
}

/** Starts events, each once, and books what they use before. */
export class EventStarts {
  readonly #deps: StartDeps;

  constructor(deps: StartDeps) {
    this.#deps = deps;
  }

  /**
   * Starts the event, or finds the one that runs. Refuses a plan with everything that is wrong with it.
   *
   * @throws NoSuchEventError with `findOnly`, when there is none to be found.
   */
  async start(given: Plan, { findOnly = false, createdBy }: StartRequest = {}): Promise<EventHandle> {
    const plan = this.#ownPlan(given);
    const checked = checkPlan(plan, { now: Date.now(), nameSpace: this.#deps.options.tenant });
    if (!checked.ok) throw new InvalidPlanError(checked.problems);
    const { eventId, title, vendor, account, startsAt, tenant } = checked.plan;
    const other = await this.#deps.runs.elsewhere(eventId, tenant);
    if (other && notRunAgain.includes(other.status.name)) return this.#found(plan, other);
    const workflowId = this.#deps.runs.newWorkflowId(eventId);
    if (findOnly)
      return this.#deps.runs.about(eventId, async (handle) => {
        const found = await handle.describe();
        if (notRunAgain.includes(found.status.name)) return this.#found(plan, found);
        throw new NoSuchEventError(eventId);
      });
    const booking = await this.#book(checked.plan, workflowId);
    if (booking === 'found')
      return this.#found(plan, await this.#deps.client.workflow.getHandle(workflowId).describe());
    try {
      await this.#begin(workflowId, {
        args: [{ ...plan, eventId }],
        staticSummary: withoutMarkup(title.slice(0, 200)),
        ...(createdBy !== undefined && { memo: { createdBy } }),
        typedSearchAttributes: [
          { key: searchAttributes.vendor, value: vendor },
          { key: searchAttributes.account, value: account },
          { key: searchAttributes.phase, value: 'scheduled' },
          { key: searchAttributes.startsAt, value: new Date(startsAt) },
          ...(tenant ? [{ key: searchAttributes.tenant, value: tenant }] : []),
        ],
      });
      const { conflicts = [] } = booking ?? {};
      return { eventId, workflowId, started: true, ...(conflicts.length > 0 && { conflicts }) };
    } catch (error) {
      for (const claim of booking?.claims ?? []) await this.#deps.release(claim);
      if (error instanceof WorkflowExecutionAlreadyStartedError)
        return this.#found(plan, await this.#deps.client.workflow.getHandle(workflowId).describe());
      if (isNotSetUp(error)) throw new NotSetUpError({ cause: error });
      throw error;
    }
  }

  /** @throws WorkflowExecutionAlreadyStartedError where a run is there that is not to run again */
  async #begin(workflowId: string, of: Omit<WorkflowStartOptions, 'workflowId' | 'taskQueue'>): Promise<void> {
    const { client, options } = this.#deps;
    const start = ({ memo, ...policy }: Pick<WorkflowStartOptions, 'workflowIdReusePolicy' | 'memo'>) =>
      client.workflow.start(workflowType, {
        workflowId,
        taskQueue: options.taskQueue,
        ...taskTimeout,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        ...of,
        ...policy,
        memo: { ...of.memo, ...memo },
      });
    try {
      await start({ workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE, memo: { [firstRunMemo]: true } });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await start({ workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY });
    }
  }

  /** Temporal's status of what is where `start` looks for the event: of what it would find, else of what it would start again. */
  async there({ eventId, tenant }: Pick<Plan, 'tenant'> & { eventId: string }): Promise<string | undefined> {
    const { runs } = this.#deps;
    const other = await runs.elsewhere(eventId, tenant);
    const found = [other?.status.name, await runs.statusOf(runs.newWorkflowId(eventId))].filter(
      (one) => one !== undefined,
    );
    return found.find((one) => notRunAgain.includes(one)) ?? found[0];
  }

  /**
   * Books what the event uses before it is started; an event that is there keeps what it has.
   *
   * @throws BookedError when another event holds it, and the configuration refuses that.
   * @throws OverBudgetError when the budget of its tenant has no room for it.
   */
  async #book(plan: PreparedPlan, workflowId: string) {
    const { vendor, account, tenant, uses } = plan;
    const { countsSlots, countsBudget } = this.#deps.options;
    const isCounted = tenant !== undefined && countsBudget?.(tenant);
    if (!uses && !isCounted && !countsSlots?.(vendor, account)) return undefined;
    const there = await this.#deps.runs.statusOf(workflowId);
    if (there !== undefined && notRunAgain.includes(there)) return 'found';
    const key = eventKeyOf(workflowId) ?? workflowId;
    // The first leg holds what the event uses; each leg books its own slot when its run begins.
    const [first] = plan.legs?.legs ?? [];
    const claim = { event: first ? legKeyOf(key, first.name) : key, claim: randomUUID() };
    const request = bookingRequestOf(plan, claim);
    const { booked, conflicts, shortages } = await this.#deps.book(request);
    if (booked) {
      const legs = (request.planned ?? []).map(({ event }) => event).filter((event) => event !== claim.event);
      return { claims: [claim, ...legs.map((event) => ({ ...claim, event }))], conflicts };
    }
    if (conflicts.length === 0 && shortages) throw new OverBudgetError(plan.eventId, shortages);
    throw new BookedError(plan.eventId, conflicts);
  }

  /**
   * The plan with every default, and nothing made of it.
   *
   * @throws InvalidPlanError with everything that is wrong with it.
   */
  check(given: Plan): PreparedPlan {
    const checked = checkPlan(this.#ownPlan(given), { now: Date.now(), nameSpace: this.#deps.options.tenant });
    if (!checked.ok) throw new InvalidPlanError(checked.problems);
    return checked.plan;
  }

  /** Adds the tenant to its plan. What is not an object is left as it is: the check refuses it. */
  #ownPlan(plan: Plan): Plan {
    if (this.#deps.options.tenant === undefined || typeof plan !== 'object' || plan === null || Array.isArray(plan))
      return plan;
    if (plan.tenant === undefined || plan.tenant === this.#deps.options.tenant)
      return { ...plan, tenant: this.#deps.options.tenant };
    throw new InvalidPlanError([
      { path: 'tenant', message: `must be ${JSON.stringify(this.#deps.options.tenant)}, or left out` },
    ]);
  }

  async #found(plan: Plan, { workflowId, status }: WorkflowExecutionDescription): Promise<EventHandle> {
    const differs = differencesOf(workflowId, plan, await planStartedWith(this.#deps.client, workflowId));
    const eventId = eventIdOf(workflowId) ?? workflowId;
    return { eventId, workflowId, started: false, found: status.name, samePlan: differs.length === 0, differs };
  }
}

const isNotSetUp = (error: unknown): boolean =>
  error instanceof Error && /no mapping defined for search attribute/i.test(`${error.message} ${error.cause}`);
