import type { ScheduleClient, ScheduleDescription, ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { taskTimeout, workflowIdOf, workflowType } from '../../domain/ids.ts';
import type { Calendar } from '../../domain/schedules/calendar.ts';
import { withoutMarkup } from '../../domain/text.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import type { Definition } from './check.ts';
import { earlyClock } from './clock.ts';
import type { Overlap } from './input.ts';

type CreateRequest = Parameters<ScheduleClient['workflowService']['createSchedule']>[0];
type WireSpec = NonNullable<NonNullable<CreateRequest['schedule']>['spec']>;
type WireCalendar = NonNullable<WireSpec['structuredCalendar']>[number];
type WireRange = NonNullable<WireCalendar['hour']>[number];

const policies = {
  'allow-all': 'ALLOW_ALL',
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
} as const satisfies Record<Overlap, ScheduleOverlapPolicy>;

const policyOf = (overlap: Overlap): ScheduleOverlapPolicy => policies[overlap];

/** Undefined for a policy that only others set. */
export const overlapOf = (policy: ScheduleOverlapPolicy): Overlap | undefined =>
  (Object.keys(policies) as Overlap[]).find((overlap) => policies[overlap] === policy);

/** All of a schedule but its calendars and its clock, which `withClock` adds. */
export function scheduleOptions(definition: Definition, taskQueue: string): ScheduleOptions {
  const { key, plan, title, recurrence, leadMs, catchUpMs, overlap, note } = definition;
  const { zone, from, to } = recurrence;
  // Temporal's lists can be filtered by it: that of schedules, and that of runs from their first moment.
  const ofTenant = plan.tenant !== undefined && {
    typedSearchAttributes: [{ key: searchAttributes.tenant, value: plan.tenant }],
  };
  return {
    scheduleId: key,
    spec: {
      timezone: zone,
      ...(from !== undefined && { startAt: new Date(from - leadMs) }),
      ...(to !== undefined && { endAt: new Date(to - leadMs) }),
    },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId: workflowIdOf(key),
      taskQueue,
      ...taskTimeout,
      args: [plan],
      staticSummary: withoutMarkup(title.slice(0, 200)),
      ...ofTenant,
    },
    // Temporal counts from the instant at which it fires, people from the start of the show.
    policies: { overlap: policyOf(overlap), catchupWindow: leadMs + catchUpMs },
    ...(note !== undefined && { state: { note } }),
    ...ofTenant,
  };
}

/**
 * A client whose schedules get these calendars and a clock of their own: the SDK has no field for
 * `ScheduleSpec.timezone_data`, and its update would drop it.
 * https://docs.temporal.io/schedule
 */
export function withClock(schedules: ScheduleClient, { recurrence, leadMs }: Definition, now: number): ScheduleClient {
  const service = schedules.workflowService;
  const clock: WireSpec = {
    structuredCalendar: recurrence.calendars.map(toWire),
    timezoneData: earlyClock(recurrence.zone, leadMs, now),
  };
  const clocked = <R extends CreateRequest>(request: R): R => ({
    ...request,
    schedule: { ...request.schedule, spec: { ...request.schedule?.spec, ...clock } },
  });
  const workflowService = Object.create(service, {
    createSchedule: { value: (request: CreateRequest) => service.createSchedule(clocked(request)) },
    updateSchedule: {
      value: (request: Parameters<typeof service.updateSchedule>[0]) => service.updateSchedule(clocked(request)),
    },
  });
  return Object.create(schedules, { workflowService: { value: workflowService } });
}

const toWire = (calendar: Calendar): WireCalendar => ({
  second: rangesOf([0]),
  minute: rangesOf(calendar.minutes),
  hour: rangesOf(calendar.hours),
  dayOfMonth: rangesOf(calendar.daysOfMonth),
  month: rangesOf(calendar.months),
  dayOfWeek: rangesOf(calendar.daysOfWeek),
});

/** The calendars that Temporal keeps; undefined where another tool gave it what we never do. */
export function calendarsIn({ raw }: ScheduleDescription): Calendar[] | undefined {
  const spec = raw.schedule?.spec;
  const isOurs =
    (spec?.timezoneData?.length ?? 0) > 0 &&
    !spec?.interval?.length &&
    !spec?.excludeStructuredCalendar?.length &&
    (spec?.structuredCalendar ?? []).every(({ year }) => !year?.length);
  if (!isOurs) return undefined;
  return (spec?.structuredCalendar ?? []).map((calendar) => ({
    minutes: numbersIn(calendar.minute),
    hours: numbersIn(calendar.hour),
    daysOfMonth: numbersIn(calendar.dayOfMonth),
    months: numbersIn(calendar.month),
    daysOfWeek: numbersIn(calendar.dayOfWeek),
  }));
}

function rangesOf(numbers: readonly number[]): WireRange[] {
  const ranges: { start: number; end: number; step: number }[] = [];
  for (const value of numbers) {
    const last = ranges.at(-1);
    if (last && last.end === value - 1) last.end = value;
    else ranges.push({ start: value, end: value, step: 1 });
  }
  return ranges;
}

function numbersIn(ranges: WireRange[] | null | undefined): number[] {
  const numbers = new Set<number>();
  for (const { start, end, step } of ranges ?? []) {
    const first = start ?? 0;
    for (let value = first; value <= Math.max(first, end ?? 0); value += Math.max(1, step ?? 1)) numbers.add(value);
  }
  return [...numbers].sort((a, b) => a - b);
}
