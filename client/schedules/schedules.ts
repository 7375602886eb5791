import { setTimeout as pause } from 'node:timers/promises';
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleHandle,
  ScheduleNotFoundError,
} from '@temporalio/client';
import { PayloadUnreadableError } from '../../domain/errors.ts';
import { defaultTaskQueue, eventKey, eventKeyOf, partsOfKey, workflowType } from '../../domain/ids.ts';
import { inParallel } from '../../domain/in-parallel.ts';
import type { Plan } from '../../domain/plan.ts';
import { attributeNames } from '../../domain/search-attributes.ts';
import { isPlainLine, plainLineRule } from '../../domain/text.ts';
import { cursorOf, tokenOf } from '../cursor.ts';
import { InvalidPlanError, NoSuchScheduleError, RefusedError } from '../errors.ts';
import { quoted } from '../listing.ts';
import { Remembered } from '../remembered.ts';
import type { StartOptions } from '../starts.ts';
import { withConflicts } from './booked.ts';
import { checkSchedule, type Definition } from './check.ts';
import { flaggingSchedules } from './codec.ts';
import { disagreement } from './disagreement.ts';
import type { ScheduleInput } from './input.ts';
import { type Beginning, beginningOf, beginTheSame, runningKeys, runsToBegin } from './places.ts';
import {
  previewOf,
  reportOf,
  type SchedulePage,
  type SchedulePageRequest,
  type ScheduleReport,
  type ScheduleView,
  type UnreadableSchedule,
} from './view.ts';
import { scheduleOptions, withClock } from './wire.ts';

/** The outcome of a trigger. */
export type Triggered =
  | { outcome: 'started'; eventId: string; key: string }
  /** The one before is not over, and the schedule's overlap says so. */
  | { outcome: 'skipped' | 'buffered' }
  /** Temporal accepted the trigger and has not reported its outcome. */
  | { outcome: 'requested' };

/** The typed client of recurring shows: Temporal Schedules that start live events. */
export class ShowcallerSchedules {
  readonly #client: Client;
  readonly #schedules: ScheduleClient;
  readonly #taskQueue: string;
  readonly #tenant: string | undefined;
  /** The tenants of schedules without a name space, as read lately; shared by the clients of all tenants. */
  readonly #plainTenants: Remembered<string | undefined>;

  constructor(client: Client, options: StartOptions = {}, plainTenants = new Remembered<string | undefined>(plainMs)) {
    this.#client = client;
    this.#schedules = flaggingSchedules(client);
    this.#taskQueue = options.taskQueue ?? defaultTaskQueue;
    this.#tenant = options.tenant;
    this.#plainTenants = plainTenants;
  }

  /** The same for one tenant: schedules of others do not exist for it, nor do their names stand in its way. */
  forTenant(tenant: string | undefined): ShowcallerSchedules {
    if (tenant === this.#tenant) return this;
    return new ShowcallerSchedules(this.#client, { taskQueue: this.#taskQueue, tenant }, this.#plainTenants);
  }

  /**
   * What `create` would make, without making it and without asking Temporal.
   *
   * @throws InvalidPlanError with everything that is wrong with the schedule and its plan.
   */
  static preview(input: ScheduleInput): ScheduleView {
    const now = Date.now();
    return previewOf(accepted(input, now, undefined), now);
  }

  /**
   * How many runs of what `create` would make can be under way at the same time.
   *
   * @throws InvalidPlanError with everything that is wrong with the schedule and its plan.
   */
  runsAtOnce(input: ScheduleInput): number {
    const now = Date.now();
    return previewOf(accepted(this.#own(input), now, this.#tenant), now).runsAtOnce;
  }

  /**
   * How many events can be under way at once by what there is: runs of schedules that go on, and those that schedules can begin
   * beside them, also while they are paused.
   */
  async placesTaken(): Promise<number> {
    const running = await runningKeys(this.#client, this.#tenant);
    const now = Date.now();
    let toBegin = 0;
    let cursor: string | undefined;
    do {
      const page = await this.#foundPage({ limit: listedAtOnce, cursor });
      for (const { beginning } of page.found) toBegin += runsToBegin(beginning, running, now);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return running.size + toBegin;
  }

  /**
   * How many events more can be under way at once after `update`.
   *
   * @throws InvalidPlanError with everything that is wrong with the schedule and its plan.
   * @throws NoSuchScheduleError
   */
  async placesToUpdate(input: ScheduleInput): Promise<number> {
    const now = Date.now();
    const after = previewOf(accepted(this.#own(input), now, this.#tenant), now);
    const { report: before, beginning } = await this.#find(after.scheduleId);
    if (beginTheSame(before, after)) return 0;
    // Which runs under way the new calendar would have begun is not known: it may begin all of its own beside them.
    return Math.max(0, after.runsAtOnce - runsToBegin(beginning, await runningKeys(this.#client, this.#tenant), now));
  }

  /**
   * Makes a recurring show. Each show's run begins before it by the plan's warm-up.
   *
   * @throws InvalidPlanError with everything that is wrong with the schedule and its plan.
   * @throws RefusedError when there is a schedule of that id already.
   */
  async create(input: ScheduleInput): Promise<ScheduleReport> {
    const now = Date.now();
    const definition = accepted(this.#own(input), now, this.#tenant);
    const { scheduleId, key, plan } = definition;
    const exists = (cause?: unknown) =>
      new RefusedError(`there is a schedule ${scheduleId} already: update it, delete it, or take another id`, {
        cause,
      });
    if (plan.tenant !== undefined && (await this.#isElsewhere(key, scheduleId, plan.tenant))) throw exists();
    try {
      await withClock(this.#schedules, definition, now).create(scheduleOptions(definition, this.#taskQueue));
    } catch (error) {
      if (error instanceof ScheduleAlreadyRunning) throw exists(error);
      throw error;
    }
    const made = await this.describe(key);
    const wrong = disagreement(definition, made, now);
    if (wrong === undefined)
      return withConflicts(made, this.#client, this.#taskQueue, this.forTenant(made.plan.tenant));
    await this.delete(key);
    throw new Error(`schedule ${scheduleId} was not kept: ${wrong}`);
  }

  /**
   * Replaces a recurring show, except whether it is paused. Running events do not change. Of two updates at the same
   * time the later one wins.
   *
   * @throws InvalidPlanError with everything that is wrong with the schedule and its plan.
   */
  async update(input: ScheduleInput): Promise<ScheduleReport> {
    const now = Date.now();
    const checked = accepted(this.#own(input), now, this.#tenant);
    const { handle } = await this.#find(checked.scheduleId);
    // A schedule keeps the name that it was made under, and so do its shows.
    const { tenant: nameSpace } = partsOfKey(handle.scheduleId);
    const definition = nameSpace === this.#tenant ? checked : accepted(this.#own(input), now, nameSpace);
    const { spec, action, policies, typedSearchAttributes } = scheduleOptions(definition, this.#taskQueue);
    await withClock(this.#schedules, definition, now)
      .getHandle(handle.scheduleId)
      .update(({ state }) => ({
        spec,
        action,
        policies,
        state: { ...state, note: definition.note ?? state.note },
        ...(typedSearchAttributes && { typedSearchAttributes }),
      }));
    const made = await this.describe(handle.scheduleId);
    const wrong = disagreement(definition, made, now);
    if (wrong === undefined)
      return withConflicts(made, this.#client, this.#taskQueue, this.forTenant(made.plan.tenant));
    await this.pause(handle.scheduleId, `paused by showcaller: ${wrong}`);
    throw new Error(`schedule ${checked.scheduleId} was paused: ${wrong}`);
  }

  /** @throws NoSuchScheduleError */
  async describe(scheduleId: string): Promise<ScheduleReport> {
    return (await this.#find(scheduleId)).report;
  }

  /** Recurring shows by Temporal's visibility; a new one may come some moments late. Which cannot be read, `pages` says. */
  async *list({ limit = Number.POSITIVE_INFINITY }: { limit?: number } = {}): AsyncGenerator<ScheduleReport> {
    let left = limit;
    for await (const { schedules } of this.pages()) {
      yield* schedules.slice(0, left);
      left -= schedules.length;
      if (left <= 0) return;
    }
  }

  async *pages(): AsyncGenerator<SchedulePage> {
    let cursor: string | undefined;
    do {
      const page = await this.page({ limit: listedAtOnce, cursor });
      yield page;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** One page, which may hold fewer than its limit, or none. @throws InvalidCursorError */
  async page(request: SchedulePageRequest): Promise<SchedulePage> {
    const { found, unreadable, cursor } = await this.#foundPage(request);
    return {
      schedules: found.map(({ report }) => report),
      ...(unreadable.length > 0 && { unreadable }),
      ...(cursor !== undefined && { cursor }),
    };
  }

  async #foundPage({ limit, cursor }: SchedulePageRequest) {
    const { schedules, nextPageToken } = await this.#client.workflowService.listSchedules({
      namespace: this.#client.options.namespace,
      maximumPageSize: limit,
      ...(this.#tenant !== undefined && { query: ownOrPlain(this.#tenant) }),
      ...(cursor !== undefined && { nextPageToken: tokenOf(cursor) }),
    });
    const keys = (schedules ?? [])
      .filter(({ info }) => info?.workflowType?.name === workflowType)
      .map(({ scheduleId }) => scheduleId ?? '')
      .filter((key) => !this.#isKnownToBeAnothers(key));
    const found: FoundSchedule[] = [];
    const unreadable: UnreadableSchedule[] = [];
    for (const one of await inParallel(keys, describedAtOnce, (key) => this.#foundIfOwn(key)))
      if (one && 'reason' in one) unreadable.push(one);
      else if (one) found.push(one);
    return { found, unreadable, ...(nextPageToken?.length && { cursor: cursorOf(nextPageToken) }) };
  }

  /** How many there are in the tenant's name space, or in all, by Temporal's visibility. */
  async count(): Promise<number> {
    let found = 0;
    let nextPageToken: Uint8Array | undefined;
    do {
      const page = await this.#client.workflowService.listSchedules({
        namespace: this.#client.options.namespace,
        maximumPageSize: countedAtOnce,
        ...(this.#tenant !== undefined && { query: `${attributeNames.tenant} = ${quoted(this.#tenant)}` }),
        ...(nextPageToken && { nextPageToken }),
      });
      found += (page.schedules ?? []).filter(({ info }) => info?.workflowType?.name === workflowType).length;
      nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
    } while (nextPageToken);
    return found;
  }

  /** No show begins until `resume`; shows in between do not take place, also not later. Running events do not change. */
  async pause(scheduleId: string, note: string): Promise<void> {
    checkNote(note);
    await this.#about(scheduleId, (handle) => handle.pause(note));
  }

  async resume(scheduleId: string, note: string): Promise<void> {
    checkNote(note);
    await this.#about(scheduleId, (handle) => handle.unpause(note));
  }

  /** Begins a run now, paused or not; its show starts after the warm-up. */
  async trigger(scheduleId: string): Promise<Triggered> {
    return this.#about(scheduleId, async (handle) => {
      const before = await countsOf(handle);
      await handle.trigger(before.policy);
      for (const deadline = Date.now() + triggerTimeoutMs; Date.now() < deadline; ) {
        const after = await countsOf(handle);
        if (after.taken > before.taken && after.latest)
          return { outcome: 'started', eventId: partsOfKey(after.latest).id, key: after.latest };
        if (after.skipped > before.skipped) return { outcome: 'skipped' };
        if (after.buffered > before.buffered) return { outcome: 'buffered' };
        await pause(lookAgainMs);
      }
      return { outcome: 'requested' };
    });
  }

  /** No further show begins. Running events do not change. */
  async delete(scheduleId: string): Promise<void> {
    await this.#about(scheduleId, (handle) => handle.delete());
  }

  async #about<T>(name: string, ask: (handle: ScheduleHandle) => Promise<T>): Promise<T> {
    const { handle } = await this.#find(name);
    try {
      return await ask(handle);
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) throw new NoSuchScheduleError(name, { cause: error });
      throw error;
    }
  }

  /** A schedule by its id or its key, as the runs of events are found. @throws NoSuchScheduleError */
  async #find(name: string): Promise<FoundSchedule & { handle: ScheduleHandle }> {
    const { id, tenant = this.#tenant } = partsOfKey(name);
    const isAnothers = this.#tenant !== undefined && tenant !== this.#tenant;
    for (const key of isAnothers ? [] : tenant === undefined ? [name] : [eventKey(id, tenant), id]) {
      const found = await this.#foundAt(key);
      const isPlain = tenant !== undefined && key === id;
      if (found && !(isPlain && found.report.plan.tenant !== tenant))
        return { handle: this.#schedules.getHandle(key), ...found };
    }
    throw new NoSuchScheduleError(name);
  }

  async #foundAt(key: string): Promise<FoundSchedule | undefined> {
    try {
      const description = await this.#schedules.getHandle(key).describe();
      const report = reportOf(description, Date.now());
      return report && { report, beginning: beginningOf(description, report) };
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  }

  /** Whether this tenant has a schedule of this id under its other name. */
  async #isElsewhere(key: string, scheduleId: string, tenant: string): Promise<boolean> {
    const own = eventKey(scheduleId, tenant);
    const other = await this.#foundAt(key === own ? scheduleId : own);
    return other !== undefined && other.report.plan.tenant === tenant;
  }

  #isKnownToBeAnothers(key: string): boolean {
    if (this.#tenant === undefined) return false;
    const { tenant } = partsOfKey(key);
    if (tenant !== undefined) return tenant !== this.#tenant;
    return this.#plainTenants.has(key) && this.#plainTenants.get(key) !== this.#tenant;
  }

  /** Whose a schedule is that cannot be read, only its key says. */
  async #foundIfOwn(key: string): Promise<FoundSchedule | UnreadableSchedule | undefined> {
    const found = await this.#foundAt(key).catch((error) => {
      if (error instanceof PayloadUnreadableError) return { key, reason: error.message };
      throw error;
    });
    if (found && 'reason' in found)
      return this.#tenant === undefined || partsOfKey(key).tenant === this.#tenant ? found : undefined;
    if (found && partsOfKey(key).tenant === undefined) this.#plainTenants.set(key, found.report.plan.tenant);
    return this.#tenant === undefined || found?.report.plan.tenant === this.#tenant ? found : undefined;
  }

  /** Adds the tenant to its schedule's plan. What is not an object is left as it is: the check refuses it. */
  #own(input: ScheduleInput): ScheduleInput {
    const plan: unknown = (input as { plan?: unknown } | null)?.plan;
    if (this.#tenant === undefined || typeof plan !== 'object' || plan === null || Array.isArray(plan)) return input;
    const { tenant } = plan as Plan;
    if (tenant === undefined || tenant === this.#tenant)
      return { ...input, plan: { ...(plan as Plan), tenant: this.#tenant } };
    const message = `must be ${JSON.stringify(this.#tenant)}, or left out`;
    throw new InvalidPlanError([{ path: 'plan.tenant', message }], 'schedule');
  }
}

interface FoundSchedule {
  report: ScheduleReport;
  beginning: Beginning;
}

/** @throws RefusedError */
function checkNote(note: string): void {
  if (!isPlainLine(note)) throw new RefusedError(`the note ${plainLineRule}`);
}

/** A schedule without a name space may belong to any tenant: only its plan says so, which Temporal's list does not have. */
const ownOrPlain = (tenant: string): string =>
  `${attributeNames.tenant} = ${quoted(tenant)} OR ${attributeNames.tenant} IS NULL`;
const plainMs = 60_000;
const listedAtOnce = 100;
const countedAtOnce = 1_000;
const describedAtOnce = 20;

const triggerTimeoutMs = 5_000;
const lookAgainMs = 50;

function accepted(input: ScheduleInput, now: number, nameSpace: string | undefined): Definition {
  const checked = checkSchedule(input, now, nameSpace);
  if (!checked.ok) throw new InvalidPlanError(checked.problems, 'schedule');
  return checked.definition;
}

async function countsOf(handle: ScheduleHandle) {
  const description = await handle.describe();
  const { info, raw, policies } = description;
  if (!reportOf(description, Date.now())) throw new NoSuchScheduleError(handle.scheduleId);
  const latest = info.recentActions.at(-1)?.action.workflow.workflowId;
  return {
    policy: policies.overlap,
    taken: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    buffered: Number(raw.info?.bufferSize ?? 0),
    latest: latest === undefined ? undefined : eventKeyOf(latest),
  };
}
