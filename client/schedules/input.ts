import { z } from 'zod';
import type { Problem } from '../../domain/errors.ts';
import type { Plan } from '../../domain/plan.ts';
import { type Calendar, CalendarError, parseCron, parseField } from '../../domain/schedules/calendar.ts';
import { isZone } from '../../domain/schedules/zone-clock.ts';
import { durationPattern, formatDuration, parseDuration, parseInstant, whyNotInstant } from '../../domain/time.ts';
import { lineOf } from '../../plan/texts.ts';

/** What happens when a run is due while the run before is not over; publishing the recording is part of a run. */
export const overlaps = ['allow-all', 'skip', 'buffer-one'] as const;
export type Overlap = (typeof overlaps)[number];

/** A number, or a cron field such as `mon-fri` or `0/15`. */
type Field = number | string;

/** A time of the wall clock. A field that is left out matches always; `minute` is 0 by default. */
export interface CalendarInput {
  hour: Field;
  minute?: Field;
  dayOfMonth?: Field;
  month?: Field;
  dayOfWeek?: Field;
}

export interface ScheduleSpec {
  /** Five fields: minute, hour, day of month, month, day of week. */
  cron?: string;
  calendars?: CalendarInput[];
  /** IANA name, e.g. `Europe/Berlin`. */
  timeZone: string;
  /** No show starts before this instant. ISO 8601 with an offset. */
  startAt?: string;
  /** No show starts after this instant. */
  endAt?: string;
}

/** A recurring show. */
export interface ScheduleInput {
  scheduleId: string;
  /** Says `duration`; has no `startsAt`, `startsAfter` or `endsAt`. */
  plan: Plan;
  spec: ScheduleSpec;
  overlap: Overlap;
  /** How long after its start a late show is still begun. Default: its duration. */
  catchUp?: string;
  note?: string;
}

/** The shortest catch-up window of Temporal. */
export const minCatchUpMs = 10_000;
const maxCatchUpMs = 7 * 86_400_000;
const maxNoteLength = 1_000;
const maxCalendars = 100;

const field = z.union([z.string(), z.int()], 'must be a number or a cron field such as "mon-fri" or "0/15"');

/** A text with a rule of its own. */
const checked = (whyNot: (text: string) => string | undefined) =>
  z.string().check((given) => {
    const message = whyNot(given.value);
    if (message !== undefined) given.issues.push({ code: 'custom', message, input: given.value });
  });

const cron = checked((text) => whyNotParsed(() => parseCron(text))).meta({ examples: ['0 20 * * mon-fri'] });

const calendar = z.strictObject({
  hour: field,
  minute: field.optional(),
  dayOfMonth: field.optional(),
  month: field.optional(),
  dayOfWeek: field.optional(),
});

const timeZone = checked((text) =>
  isZone(text) ? undefined : 'is not a time zone: write an IANA name such as "Europe/Berlin" or "UTC"',
).meta({ examples: ['Europe/Berlin', 'UTC'] });

const instant = checked(whyNotInstant).meta({ format: 'date-time' });

const catchUp = checked((text) => {
  const ms = parseDuration(text);
  if (ms === undefined) return 'is not a duration: write "90s", "15m", "4h" or ISO 8601 "PT15M"';
  if (ms >= minCatchUpMs && ms <= maxCatchUpMs) return undefined;
  return `must be at least ${formatDuration(minCatchUpMs)} and at most ${formatDuration(maxCatchUpMs)}`;
}).meta({ pattern: durationPattern, examples: ['15m'] });

/** The shape; what its parts mean together is checked beside it. */
export const scheduleSchema = z.strictObject({
  scheduleId: z.string(),
  plan: z.unknown().refine((plan) => plan !== undefined, 'is required (an object)'),
  spec: z.strictObject({
    cron: cron.optional(),
    calendars: z.array(calendar).min(1).max(maxCalendars).optional(),
    timeZone,
    startAt: instant.optional(),
    endAt: instant.optional(),
  }),
  overlap: z.enum(overlaps),
  catchUp: catchUp.optional(),
  note: lineOf(maxNoteLength).optional(),
});

const fieldNames = {
  minute: 'minutes',
  hour: 'hours',
  dayOfMonth: 'daysOfMonth',
  month: 'months',
  dayOfWeek: 'daysOfWeek',
} as const;

/** The calendars of a spec whose shape is right; what is wrong with their fields goes to `refuse`. */
export function calendarsOf(spec: ScheduleSpec, refuse: (path: PropertyKey[], message: string) => void): Calendar[] {
  const found = spec.cron === undefined ? [] : [parseCron(spec.cron)];
  for (const [index, input] of (spec.calendars ?? []).entries()) {
    const made: Partial<Calendar> = {};
    for (const [name, part] of Object.entries(fieldNames) as [keyof CalendarInput, keyof Calendar][]) {
      const given = input[name] ?? (name === 'minute' ? 0 : '*');
      const message = whyNotParsed(() => {
        made[part] = parseField(String(given), part);
      });
      if (message !== undefined) refuse(['spec', 'calendars', index, name], message);
    }
    found.push(made as Calendar);
  }
  return found;
}

/** The bounds of a spec, epoch milliseconds. */
export const boundsOf = ({ startAt, endAt }: ScheduleSpec): { from?: number; to?: number } => {
  const from = startAt === undefined ? undefined : parseInstant(startAt);
  const to = endAt === undefined ? undefined : parseInstant(endAt);
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
};

/** Problems of a plan inside a schedule. */
export const underPlan = (problems: readonly Problem[]): Problem[] =>
  problems.map((problem) => ({ ...problem, path: problem.path === '' ? 'plan' : `plan.${problem.path}` }));

function whyNotParsed(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof CalendarError) return error.message;
    throw error;
  }
}
