import type { Problem } from '../../domain/errors.ts';
import { eventIdPattern, eventKey, maxEventKeyLength, sweepScheduleId, workflowIdOf } from '../../domain/ids.ts';
import { isObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { Plan, PreparedPlan } from '../../domain/plan.ts';
import { problemAt, problemsOf } from '../../domain/problems.ts';
import { nearOddChange, nextOccurrences, type Recurrence } from '../../domain/schedules/occurrences.ts';
import { wallText } from '../../domain/schedules/zone-clock.ts';
import { formatDuration, parseDuration, parseInstant } from '../../domain/time.ts';
import { checkPlan } from '../../plan/check.ts';
import { plainInput } from '../../plan/input.ts';
import {
  boundsOf,
  calendarsOf,
  minCatchUpMs,
  type Overlap,
  type ScheduleInput,
  scheduleSchema,
  underPlan,
} from './input.ts';

/** A checked schedule, with every default filled in. */
export interface Definition {
  scheduleId: string;
  /** Names the Temporal Schedule: the id, after its tenant's name space where it has one. */
  key: string;
  /** What every run is given. */
  plan: Plan & { eventId: string; startsAfter: string };
  title: string;
  recurrence: Recurrence;
  /** How long before a show its run begins: the plan's warm-up. Whole seconds, as milliseconds. */
  leadMs: number;
  catchUpMs: number;
  overlap: Overlap;
  note?: string;
}

export type CheckedSchedule = { ok: true; definition: Definition } | { ok: false; problems: Problem[] };

/** The length of what Temporal appends to a workflow id: `-2026-12-01T17:45:00Z`. */
const suffixLength = 21;
/** How far ahead we look at changes of the clock. */
export const aYearMs = 366 * 86_400_000;
const secondMs = 1_000;

/** The event of the run that a schedule starts at an instant. */
export const eventIdAt = (scheduleId: string, firesAt: number): string =>
  `${scheduleId}-${new Date(firesAt).toISOString().slice(0, 19)}Z`;

/**
 * Checks a schedule and its plan: every default filled in, or every problem of both.
 *
 * @param nameSpace the tenant in whose name space it is made
 */
export function checkSchedule(given: unknown, now: number, nameSpace?: string): CheckedSchedule {
  const plain = plainInput(given);
  if (!plain.ok) return { ok: false, problems: [plain.problem] };
  const { value } = plain;
  const parsed = scheduleSchema.safeParse(value);
  const issues = parsed.error?.issues ?? [];
  const problems = [
    ...problemsOf(value, issues, scheduleSchema),
    ...idProblems(value, nameSpace),
    ...kindProblems(value),
    ...planShapeProblems(value),
  ];
  const refuse = (path: readonly PropertyKey[], message: string) => problems.push(problemAt(value, path, message));
  const specIsSound = !issues.some(({ path }) => path[0] === 'spec');
  const recurrence = specIsSound ? recurrenceOf(value as unknown as ScheduleInput, now, refuse) : undefined;
  const plan = checkedPlan(value, recurrence, now, nameSpace);
  problems.push(...underPlan(plan.problems));
  if (problems.length > 0 || !recurrence || !plan.prepared) return { ok: false, problems };
  const definition = definitionOf(value as unknown as ScheduleInput, recurrence, plan.prepared, nameSpace);
  if (nextOccurrences(recurrence, now + definition.leadMs, 1).length > 0) return { ok: true, definition };
  const lead = formatDuration(definition.leadMs);
  refuse(['spec'], `has no show whose preparation could still begin, ${lead} before it`);
  return { ok: false, problems };
}

function idProblems(value: JsonObject, nameSpace: string | undefined): Problem[] {
  const { scheduleId } = value;
  if (typeof scheduleId !== 'string') return [];
  const room = maxEventKeyLength - suffixLength - eventKey('', nameSpace).length;
  if (scheduleId === sweepScheduleId && nameSpace === undefined)
    return [problemAt(value, ['scheduleId'], 'is the schedule of the sweep: take another id')];
  if (eventIdPattern.test(scheduleId) && scheduleId.length <= room) return [];
  const message = `must be letters, digits and . _ : -, start with a letter or digit, and have at most ${Math.max(0, room)} characters: each show's id has its instant after it`;
  return [problemAt(value, ['scheduleId'], message)];
}

function kindProblems(value: JsonObject): Problem[] {
  const spec = asObject(value.spec);
  if (!spec || spec.cron !== undefined || spec.calendars !== undefined) return [];
  return [problemAt(value, ['spec', 'cron'], 'is required (a cron expression), or calendars')];
}

/** The times that a plan for many shows may have. */
function planShapeProblems(value: JsonObject): Problem[] {
  const plan = asObject(value.plan);
  if (!plan) return [];
  const problems: Problem[] = [];
  const refuse = (path: string[], message: string) => problems.push(problemAt(value, ['plan', ...path], message));
  for (const field of ['startsAt', 'startsAfter', 'endsAt']) {
    if (plan[field] !== undefined)
      refuse([field], 'is not for a recurring show: the schedule says when; give duration');
  }
  if (plan.duration === undefined) refuse(['duration'], 'is required (a duration, e.g. "1h")');
  const until = asObject(plan.overrun)?.until;
  if (typeof until === 'string' && parseInstant(until) !== undefined) {
    refuse(['overrun', 'until'], 'is one instant for many shows: say how long after the end, e.g. "30m"');
  }
  if (typeof plan.eventId === 'string' && plan.eventId !== value.scheduleId) {
    refuse(['eventId'], "must be the schedule's id; or leave it out");
  }
  return problems;
}

type Refuse = (path: readonly PropertyKey[], message: string) => void;

function recurrenceOf({ spec }: ScheduleInput, now: number, refuse: Refuse): Recurrence | undefined {
  let isSound = spec.cron !== undefined || spec.calendars !== undefined;
  const bad: Refuse = (path, message) => {
    isSound = false;
    refuse(path, message);
  };
  const calendars = calendarsOf(spec, bad);
  if (!isSound) return undefined;
  const { from, to } = boundsOf(spec);
  if (from !== undefined && to !== undefined && to < from) {
    bad(['spec', 'endAt'], 'is before startAt');
    return undefined;
  }
  const recurrence: Recurrence = {
    zone: spec.timeZone,
    calendars,
    ...(from !== undefined && { from: Math.ceil(from / secondMs) * secondMs }),
    ...(to !== undefined && { to: Math.floor(to / secondMs) * secondMs }),
  };
  if (nextOccurrences(recurrence, now, 1).length === 0) {
    const when = spec.endAt === undefined ? 'in the next eight years' : 'before endAt';
    bad(['spec'], `never comes ${when}: no day has all of it`);
    return undefined;
  }
  const odd = nearOddChange(recurrence, now, now + aYearMs);
  if (odd === undefined) return recurrence;
  const what = `${wallText(odd)} is too near a change of the clock of ${spec.timeZone} by other than whole hours`;
  bad(['spec'], `${what}, which Temporal does not follow: choose a time of day two hours away from it`);
  return undefined;
}

interface CheckedShow {
  prepared?: PreparedPlan;
  problems: Problem[];
}

/** Checks the plan as the run of the next show will. */
function checkedPlan(
  value: JsonObject,
  recurrence: Recurrence | undefined,
  now: number,
  nameSpace: string | undefined,
): CheckedShow {
  if (value.plan === undefined) return { problems: [] };
  const startsAt = recurrence ? (nextOccurrences(recurrence, now, 1)[0] ?? now) : now;
  const scheduleId = idProblems(value, nameSpace).length === 0 ? String(value.scheduleId) : 'schedule';
  const workflowId = workflowIdOf(eventKey(eventIdAt(scheduleId, startsAt), nameSpace));
  const checked = checkPlan(planToCheck(value.plan), { now: startsAt, nominalStart: startsAt, workflowId });
  return checked.ok ? { prepared: checked.plan, problems: [] } : { problems: checked.problems };
}

/** The plan without the fields that are refused here, so that no problem is reported twice. */
function planToCheck(given: Json): unknown {
  const plan = asObject(given);
  if (!plan) return given;
  const { startsAt: _s, startsAfter: _a, endsAt: _e, duration = '1h', overrun, eventId, ...rest } = plan;
  const cap = asObject(overrun);
  const isInstant = typeof cap?.until === 'string' && parseInstant(cap.until) !== undefined;
  return {
    ...rest,
    ...(eventId !== undefined && typeof eventId !== 'string' && { eventId }),
    duration,
    ...(overrun !== undefined && { overrun: isInstant ? { ...cap, until: '1ms' } : overrun }),
  };
}

function definitionOf(
  input: ScheduleInput,
  recurrence: Recurrence,
  prepared: PreparedPlan,
  nameSpace: string | undefined,
): Definition {
  const { scheduleId, plan, overlap, note } = input;
  const leadMs = Math.ceil(prepared.warmUpMs / secondMs) * secondMs;
  const showMs = prepared.endsAt - prepared.startsAt;
  return {
    scheduleId,
    key: eventKey(scheduleId, nameSpace),
    plan: { ...plan, eventId: scheduleId, startsAfter: formatDuration(leadMs) },
    title: plan.title ?? scheduleId,
    recurrence,
    leadMs,
    catchUpMs: parseDuration(input.catchUp ?? '') ?? Math.max(showMs, minCatchUpMs),
    overlap,
    ...(note !== undefined && { note }),
  };
}

const asObject = (value: Json | undefined): JsonObject | undefined => (isObject(value) ? value : undefined);
