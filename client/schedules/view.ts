import type { ScheduleDescription } from '@temporalio/client';
import { eventIdOf, partsOfKey, workflowType } from '../../domain/ids.ts';
import { type Plan, vendorsOf } from '../../domain/plan.ts';
import { mostAtOnce } from '../../domain/schedules/at-once.ts';
import { cronText } from '../../domain/schedules/calendar.ts';
import {
  type ClockTrouble,
  clockTroubles,
  nextOccurrences,
  type Recurrence,
} from '../../domain/schedules/occurrences.ts';
import { isZone, localText, wallText } from '../../domain/schedules/zone-clock.ts';
import { formatDuration, formatInstant, parseDuration } from '../../domain/time.ts';
import { aYearMs, type Definition, eventIdAt } from './check.ts';
import type { Overlap } from './input.ts';
import { calendarsIn, overlapOf } from './wire.ts';

/** One show to come. Instants are ISO 8601 in UTC. */
export interface Show {
  startsAt: string;
  /** In the schedule's zone: `2027-03-28 20:00 +02:00`. */
  local: string;
  /** When its run begins, to warm up. */
  beginsAt: string;
  /** Its event's id when it comes. */
  eventId: string;
}

/** A recurring show. Durations are texts as in a plan. */
export interface ScheduleView {
  scheduleId: string;
  /** As commands name it: its id, after its tenant's name space where it has one. */
  key: string;
  title: string;
  vendor: string;
  timeZone: string;
  /** Cron expressions of five fields. */
  calendars: string[];
  startAt?: string;
  endAt?: string;
  /** How long before each show its run begins. */
  lead: string;
  /** How long after its start a late show is still begun. */
  catchUp: string;
  /** Absent where another tool set a policy that is not offered here. */
  overlap?: Overlap;
  /** How many of its runs can be under way at the same time, by its calendar and the planned length of a show. */
  runsAtOnce: number;
  paused: boolean;
  note?: string;
  /** The next five. */
  shows: Show[];
  /** What a daylight-saving change does in the next twelve months, and what else is odd. */
  warnings: string[];
  /** What every run is given. */
  plan: Plan;
}

/** A schedule in Temporal, with its last and its next events. */
export interface ScheduleReport extends ScheduleView {
  /** Runs that began lately, newest first. */
  recent: { eventId: string; begunAt: string }[];
  /** Runs that go on; Temporal watches none of them where the overlap is `allow-all`. */
  running: string[];
  /** Shows never begun, because Temporal was away for longer than `catchUp`. */
  missed: number;
  /** Shows never begun, because the one before was not over. */
  skipped: number;
}

/** A schedule whose plan is encrypted with a key that this process does not have. */
export interface UnreadableSchedule {
  key: string;
  reason: string;
}

export interface SchedulePageRequest {
  limit: number;
  /** From the page before. */
  cursor?: string | undefined;
}

export interface SchedulePage {
  schedules: ScheduleReport[];
  unreadable?: UnreadableSchedule[];
  /** Asks for the next page; absent on the last. */
  cursor?: string;
}

const showsAhead = 5;

/** The view of a schedule before it is made. */
export function previewOf(definition: Definition, now: number): ScheduleView {
  const { scheduleId, key, plan, title, recurrence, leadMs, catchUpMs, overlap, note } = definition;
  const fires = nextOccurrences(recurrence, now + leadMs, showsAhead).map((startsAt) => startsAt - leadMs);
  return {
    scheduleId,
    key,
    title,
    vendor: vendorsOf(plan),
    ...recurrenceView(recurrence),
    lead: formatDuration(leadMs),
    catchUp: formatDuration(catchUpMs),
    overlap,
    runsAtOnce: runsAtOnce(recurrence, overlap, plan, leadMs, now),
    paused: false,
    ...(note !== undefined && { note }),
    shows: fires.map((at) => showAt(scheduleId, recurrence.zone, at, leadMs)),
    warnings: clockTroubles(recurrence, now, now + aYearMs).map((trouble) => warningOf(trouble, recurrence.zone)),
    plan,
  };
}

/** What Temporal says of a schedule of shows; undefined for any other schedule. The instants are Temporal's own. */
export function reportOf(description: ScheduleDescription, now: number): ScheduleReport | undefined {
  const { scheduleId: key, action, policies, state, info } = description;
  if (action.type !== 'startWorkflow' || action.workflowType !== workflowType) return undefined;
  const { id: scheduleId } = partsOfKey(key);
  const plan = (action.args?.[0] ?? {}) as Plan;
  const leadMs = parseDuration(plan.startsAfter ?? '') ?? 0;
  const { recurrence, isOurs } = recurrenceIn(description, leadMs);
  const overlap = overlapOf(policies.overlap);
  const troubles = isOurs ? clockTroubles(recurrence, now, now + aYearMs) : [];
  return {
    scheduleId,
    key,
    title: plan.title ?? scheduleId,
    vendor: vendorsOf(plan),
    ...recurrenceView(recurrence),
    lead: formatDuration(leadMs),
    catchUp: formatDuration(policies.catchupWindow - leadMs),
    ...(overlap !== undefined && { overlap }),
    runsAtOnce: runsAtOnce(recurrence, overlap, plan, leadMs, now),
    paused: state.paused,
    ...(state.note && { note: state.note }),
    shows: info.nextActionTimes
      .slice(0, showsAhead)
      .map((at) => showAt(scheduleId, recurrence.zone, at.getTime(), leadMs)),
    warnings: [...(isOurs ? [] : [changedElsewhere]), ...troubles.map((one) => warningOf(one, recurrence.zone))],
    plan,
    recent: info.recentActions
      .map(({ action: { workflow }, takenAt }) => ({
        eventId: eventIdOf(workflow.workflowId) ?? workflow.workflowId,
        begunAt: takenAt.toISOString(),
      }))
      .reverse(),
    running: info.runningActions.map(({ workflow }) => eventIdOf(workflow.workflowId) ?? workflow.workflowId),
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
  };
}

function runsAtOnce(
  recurrence: Recurrence,
  overlap: Overlap | undefined,
  { duration }: Plan,
  leadMs: number,
  now: number,
): number {
  if (overlap !== 'allow-all') return 1;
  return mostAtOnce(recurrence, leadMs + (parseDuration(duration ?? '') ?? 0), now, now + aYearMs);
}

const changedElsewhere =
  'this schedule was not made here, or was changed elsewhere, and its runs may begin at other times than meant: set it anew with `showcaller schedule update`';

export function recurrenceIn(
  description: ScheduleDescription,
  leadMs: number,
): { recurrence: Recurrence; isOurs: boolean } {
  const { timezone = '', startAt, endAt } = description.spec;
  const calendars = calendarsIn(description);
  const zone = isZone(timezone) ? timezone : 'UTC';
  const recurrence: Recurrence = {
    zone,
    calendars: calendars ?? [],
    ...(startAt && { from: startAt.getTime() + leadMs }),
    ...(endAt && { to: endAt.getTime() + leadMs }),
  };
  return { recurrence, isOurs: calendars !== undefined && zone === timezone };
}

const recurrenceView = ({ zone, calendars, from, to }: Recurrence) => ({
  timeZone: zone,
  calendars: calendars.map(cronText),
  ...(from !== undefined && { startAt: formatInstant(from) }),
  ...(to !== undefined && { endAt: formatInstant(to) }),
});

const showAt = (scheduleId: string, zone: string, firesAt: number, leadMs: number): Show => ({
  startsAt: formatInstant(firesAt + leadMs),
  local: localText(zone, firesAt + leadMs),
  beginsAt: formatInstant(firesAt),
  eventId: eventIdAt(scheduleId, firesAt),
});

function warningOf({ wall, instants }: ClockTrouble, zone: string): string {
  const when = `${wallText(wall)} in ${zone}`;
  if (instants.length === 0) return `${when} is skipped by a daylight-saving change: no show then`;
  const both = instants.map((instant) => formatInstant(instant)).join(' and ');
  return `${when} comes twice by a daylight-saving change: two shows, at ${both}`;
}
