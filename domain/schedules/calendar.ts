/** When a show recurs, as a wall clock and a calendar show it: all five must match. Ascending numbers. */
export interface Calendar {
  minutes: number[];
  hours: number[];
  daysOfMonth: number[];
  months: number[];
  /** 0 is Sunday. */
  daysOfWeek: number[];
}

export type CalendarField = keyof Calendar;

interface FieldRange {
  min: number;
  max: number;
  names?: readonly string[];
}

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const spans: Record<CalendarField, FieldRange> = {
  minutes: { min: 0, max: 59 },
  hours: { min: 0, max: 23 },
  daysOfMonth: { min: 1, max: 31 },
  months: { min: 1, max: 12, names: months },
  // Sunday is 0 and 7.
  daysOfWeek: { min: 0, max: 7, names: days },
};

/** A wrong calendar. The message follows the name of the field: "cron has …". */
export class CalendarError extends Error {
  override readonly name = 'CalendarError';
}

/**
 * The numbers that a cron field means: `*`, `5`, `mon`, `1-5`, `0/15`, `8-18/2`, or a list of these.
 *
 * @throws CalendarError
 */
export function parseField(text: string, field: CalendarField): number[] {
  const { min, max, names = [] } = spans[field];
  const numbers = new Set<number>();
  for (const part of text.toLowerCase().split(',')) {
    const [, range = '', step] = /^([^/]*)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    const [start, end] = rangeOf(range, step !== undefined, spans[field]);
    if (start === undefined || end === undefined || start < min || end > max || end < start) {
      const words = names.length > 0 ? ` or ${names[0]}…${names.at(-1)}` : '';
      throw new CalendarError(
        `has ${JSON.stringify(part)}: write *, a number from ${min} to ${max}${words}, a range 1-5, a step */2, or a list of these`,
      );
    }
    for (let value = start; value <= end; value += Number(step ?? 1)) {
      numbers.add(field === 'daysOfWeek' ? value % 7 : value);
    }
  }
  return [...numbers].sort((a, b) => a - b);
}

function rangeOf(text: string, hasStep: boolean, span: FieldRange): (number | undefined)[] {
  // `*` of the days is 0 to 6: 7 is Sunday again.
  if (text === '*') return [span.min, span.names === days ? 6 : span.max];
  const [first = '', last, ...more] = text.split('-');
  if (more.length > 0) return [];
  const start = numberOf(first, span);
  if (last !== undefined) return [start, numberOf(last, span)];
  return [start, hasStep ? span.max : start];
}

function numberOf(text: string, { min, names }: FieldRange): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  if (named >= 0) return named + min;
  return /^\d{1,2}$/.test(text) ? Number(text) : undefined;
}

const shorthands: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * A cron expression of five fields: minute, hour, day of month, month, day of week. When both kinds of day are
 * restricted, both must match, as with Temporal: `0 20 1-7 * mon` is the first Monday of the month.
 *
 * @throws CalendarError
 */
export function parseCron(text: string): Calendar {
  const trimmed = text.trim();
  if (/^(CRON_)?TZ=/.test(trimmed)) throw new CalendarError('names a time zone of its own: say it in timeZone');
  if (trimmed.startsWith('@every')) throw new CalendarError('is an interval, which no clock shows: name times of day');
  const fields = (shorthands[trimmed] ?? trimmed).split(/\s+/);
  if (fields.length !== 5) {
    throw new CalendarError(
      'is not a cron expression of five fields: minute hour day-of-month month day-of-week, e.g. "0 20 * * mon-fri"',
    );
  }
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields;
  return {
    minutes: parseField(minute, 'minutes'),
    hours: parseField(hour, 'hours'),
    daysOfMonth: parseField(dayOfMonth, 'daysOfMonth'),
    months: parseField(month, 'months'),
    daysOfWeek: parseField(dayOfWeek, 'daysOfWeek'),
  };
}

/** Back to a cron expression. */
export function cronText(calendar: Calendar): string {
  const order = ['minutes', 'hours', 'daysOfMonth', 'months', 'daysOfWeek'] as const;
  return order
    .map((field) => {
      const all = field === 'daysOfWeek' ? 7 : spans[field].max - spans[field].min + 1;
      return calendar[field].length === all ? '*' : calendar[field].join(',');
    })
    .join(' ');
}
