import { setTimeout as pause } from 'node:timers/promises';
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleHandle,
  ScheduleNotFoundError,
} from '@temporalio/client';
import { defaultTaskQueue, eventIdOf, workflowType } from '../../domain/ids.ts';
import { nextOccurrences } from '../../domain/schedules/occurrences.ts';
import type { StartOptions } from '../client.ts';
import { InvalidPlanError, NoSuchScheduleError, RefusedError } from '../errors.ts';
import { checkSchedule, type Definition } from './check.ts';
import type { ScheduleInput } from './input.ts';
import { previewOf, reportOf, type ScheduleReport, type ScheduleView } from './view.ts';
import { scheduleOptions, withClock } from './wire.ts';

/** What came of a trigger. */
export type Triggered =
  | { outcome: 'started'; eventId: string }
  /** The one before is not over, and the schedule's overlap says so. */
  | { outcome: 'skipped' | 'buffered' }
  /** Temporal took it and has not said what came of it. */
  | { outcome: 'requested' };

/** The typed client of recurring shows: Temporal Schedules that start live events. */
export class ShowcallerSchedules {
  readonly #schedules: ScheduleClient;
  readonly #taskQueue: string;

  constructor(client: Client, options: StartOptions = {}) {
    this.#schedules = client.schedule;
    this.#taskQueue = options.taskQueue ?? defaultTaskQueue;
  }

  /**
   * What `create` would make, without making it and without asking Temporal.
   *
   * @throws InvalidPlanError with everything that is wrong with the schedule and its plan.
   */
  static preview(input: ScheduleInput): ScheduleView {
    const now = Date.now();
    return previewOf(accepted(input, now), now);
  }

  /**
   * Makes a recurring show. Each show's run begins before it by the plan's warm-up.
   *
   * @throws InvalidPlanError with everything that is wrong with the schedule and its plan.
   * @throws RefusedError when there is a schedule of that id already.
   */
  async create(input: ScheduleInput): Promise<ScheduleReport> {
    const now = Date.now();
    const definition = accepted(input, now);
    const { scheduleId } = definition;
    try {
      await withClock(this.#schedules, definition, now).create(scheduleOptions(definition, this.#taskQueue));
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      throw new RefusedError(`there is a schedule ${scheduleId} already: update it, delete it, or take another id`, {
        cause: error,
      });
    }
    const made = await this.describe(scheduleId);
    const wrong = disagreement(definition, made, now);
    if (wrong === undefined) return made;
    await this.delete(scheduleId);
    throw new Error(`schedule ${scheduleId} was not kept: ${wrong}`);
  }

  /**
   * Sets all of a recurring show anew, except whether it is paused. Runs that go on are not touched. Of two updates at
   * once the later one wins.
   *
   * @throws InvalidPlanError with everything that is wrong with the schedule and its plan.
   */
  async update(input: ScheduleInput): Promise<ScheduleReport> {
    const now = Date.now();
    const definition = accepted(input, now);
    const { scheduleId } = definition;
    await this.describe(scheduleId);
    const { spec, action, policies } = scheduleOptions(definition, this.#taskQueue);
    await withClock(this.#schedules, definition, now)
      .getHandle(scheduleId)
      .update(({ state }) => ({
        spec,
        action,
        policies,
        state: { ...state, note: definition.note ?? state.note },
      }));
    const made = await this.describe(scheduleId);
    const wrong = disagreement(definition, made, now);
    if (wrong === undefined) return made;
    await this.pause(scheduleId, `paused by showcaller: ${wrong}`);
    throw new Error(`schedule ${scheduleId} was paused: ${wrong}`);
  }

  /** @throws NoSuchScheduleError */
  describe(scheduleId: string): Promise<ScheduleReport> {
    return this.#about(scheduleId, async (handle) => {
      const report = reportOf(await handle.describe(), Date.now());
      if (!report) throw new NoSuchScheduleError(scheduleId);
      return report;
    });
  }

  /** Recurring shows by Temporal's visibility; a new one may come some moments late. */
  async *list(options: { limit?: number } = {}): AsyncGenerator<ScheduleReport> {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for await (const { scheduleId, action } of this.#schedules.list()) {
      if (left <= 0) return;
      if (action?.type !== 'startWorkflow' || action.workflowType !== workflowType) continue;
      try {
        yield await this.describe(scheduleId);
        left -= 1;
      } catch (error) {
        // Deleted since it was listed.
        if (!(error instanceof NoSuchScheduleError)) throw error;
      }
    }
  }

  /** No show begins until `resume`; shows in between are not made up for. Runs that go on are not touched. */
  async pause(scheduleId: string, note: string): Promise<void> {
    await this.describe(scheduleId);
    await this.#about(scheduleId, (handle) => handle.pause(note));
  }

  async resume(scheduleId: string, note: string): Promise<void> {
    await this.describe(scheduleId);
    await this.#about(scheduleId, (handle) => handle.unpause(note));
  }

  /** Begins a show now, paused or not: its start is as far off as its warm-up takes. */
  async trigger(scheduleId: string): Promise<Triggered> {
    return this.#about(scheduleId, async (handle) => {
      const before = await countsOf(handle);
      await handle.trigger(before.policy);
      for (const deadline = Date.now() + triggerTimeoutMs; Date.now() < deadline; ) {
        const after = await countsOf(handle);
        if (after.taken > before.taken && after.latest) return { outcome: 'started', eventId: after.latest };
        if (after.skipped > before.skipped) return { outcome: 'skipped' };
        if (after.buffered > before.buffered) return { outcome: 'buffered' };
        await pause(lookAgainMs);
      }
      return { outcome: 'requested' };
    });
  }

  /** No further show begins. Runs that go on are not touched. */
  async delete(scheduleId: string): Promise<void> {
    await this.describe(scheduleId);
    await this.#about(scheduleId, (handle) => handle.delete());
  }

  async #about<T>(scheduleId: string, ask: (handle: ScheduleHandle) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#schedules.getHandle(scheduleId));
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) throw new NoSuchScheduleError(scheduleId, { cause: error });
      throw error;
    }
  }
}

const triggerTimeoutMs = 5_000;
const lookAgainMs = 50;

function accepted(input: ScheduleInput, now: number): Definition {
  const checked = checkSchedule(input, now);
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
    latest: latest === undefined ? undefined : eventIdOf(latest),
  };
}

/** Where Temporal would start other shows than meant: a server may not know the clock that we give it. */
function disagreement({ recurrence, leadMs }: Definition, { shows }: ScheduleReport, now: number): string | undefined {
  const theirs = shows.map(({ startsAt }) => Date.parse(startsAt));
  // A show may have begun since.
  const ours = nextOccurrences(recurrence, now + leadMs, shows.length + 1);
  const first = theirs[0];
  const wrong = theirs.find((at, index) => at !== ours[index + (first === ours[1] ? 1 : 0)]);
  if (wrong === undefined && (theirs.length > 0 || ours.length === 0)) return undefined;
  const mean = ours.map((at) => new Date(at).toISOString()).join(', ');
  const says = shows.map(({ startsAt }) => startsAt).join(', ') || 'none';
  return `this Temporal server would start other shows (${says}) than meant (${mean})`;
}
