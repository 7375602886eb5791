const msPerSecond = 1_000;
const msPerMinute = 60 * msPerSecond;
const msPerHour = 60 * msPerMinute;
const msPerDay = 24 * msPerHour;

const shortForm = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const isoForm = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?)?$/;

/** One regular expression for both forms, for schemas that publish it. */
export const durationPattern = `${shortForm.source}|${isoForm.source}`;

/**
 * Milliseconds of `90s`, `15m`, `1h30m`, `2d`, `500ms`, `PT15M`, `P1DT2H`; undefined for anything else. Years and
 * months are refused, because they have no fixed length.
 */
export function parseDuration(text: string): number | undefined {
  const parts = shortForm.exec(text) ?? isoForm.exec(text);
  if (!parts) return undefined;
  const [, days, hours, minutes, seconds, fraction] = parts;
  const ms = text.startsWith('P') ? fraction?.padEnd(3, '0') : fraction;
  const total =
    Number(days ?? 0) * msPerDay +
    Number(hours ?? 0) * msPerHour +
    Number(minutes ?? 0) * msPerMinute +
    Number(seconds ?? 0) * msPerSecond +
    Number(ms ?? 0);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The shortest text that `parseDuration` reads back as the same milliseconds; a minus sign before a negative one. */
export function formatDuration(ms: number): string {
  let rest = Math.round(Math.abs(ms));
  let text = '';
  for (const [unit, size] of [
    ['d', msPerDay],
    ['h', msPerHour],
    ['m', msPerMinute],
    ['s', msPerSecond],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  if (text === '') return '0s';
  return ms < 0 ? `-${text}` : text;
}

const instantForm =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)$/;
const withoutZone = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?$/;

/** No clock on earth is further from UTC. */
const maxOffsetHours = 14;

/** For people who wait: `30 min`, never none. */
export const wholeMinutes = (ms: number): string => `${Math.max(1, Math.round(ms / msPerMinute))} min`;

/** Epoch milliseconds of an ISO 8601 instant with `Z` or an offset; undefined for anything else. */
export function parseInstant(text: string): number | undefined {
  const read = readInstant(text);
  return typeof read === 'number' ? read : undefined;
}

/** Why `parseInstant` refuses a text and what it would accept; undefined when it accepts it. */
export function whyNotInstant(text: string): string | undefined {
  const read = readInstant(text);
  return typeof read === 'number' ? undefined : read;
}

/** Whether it is epoch milliseconds that every calendar has. */
export const isInstant = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < 8.64e15;

/** `2026-12-01T18:00:00.000Z`, or the plain number where it is beyond every calendar. */
export function formatInstant(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

function readInstant(text: string): number | string {
  if (withoutZone.test(text)) {
    return 'has no time zone: add Z or an offset, e.g. "2026-12-01T18:00:00Z" or "2026-12-01T19:00:00+01:00"';
  }
  const parts = instantForm.exec(text);
  if (!parts)
    return 'is not an ISO 8601 instant with a zone: write "2026-12-01T18:00:00Z" or "2026-12-01T19:00:00+01:00"';
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as DateAndTime;
  const millisecond = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const utc = new Date(0);
  utc.setUTCFullYear(year, month - 1, day);
  if (utc.getUTCMonth() !== month - 1 || utc.getUTCDate() !== day) return 'is not a date: the calendar has no such day';
  if (hour > 23 || minute > 59 || second > 59) return 'is not a time of day: the latest is 23:59:59';
  const offset = offsetOf(parts[8], parts[9], parts[10]);
  if (offset === undefined) return `has an impossible offset: at most ${maxOffsetHours} hours from UTC`;
  return utc.setUTCHours(hour, minute, second, millisecond) - offset;
}

type DateAndTime = [number, number, number, number, number, number];

function offsetOf(sign = '+', hours = '00', minutes = '00'): number | undefined {
  const size = Number(hours) * msPerHour + Number(minutes) * msPerMinute;
  if (Number(minutes) > 59 || size > maxOffsetHours * msPerHour) return undefined;
  return sign === '-' ? -size : size;
}
