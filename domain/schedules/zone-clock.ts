const secondMs = 1_000;
const hourMs = 3_600 * secondMs;
const dayMs = 24 * hourMs;

/** A wall clock's reading, as the epoch milliseconds that it would be in UTC. */
export type WallTime = number;

/** An instant at which a zone changes its clock. */
export interface ClockChange {
  /** The first instant of the new offset, epoch milliseconds. */
  at: number;
  /** Milliseconds that the clock is ahead of UTC. */
  before: number;
  after: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}

/** Whether it is an IANA name, e.g. `Europe/Berlin`; an offset such as `+01:00` knows no daylight saving and is none. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the zone's clock shows at an instant. */
export function wallTimeAt(zone: string, instant: number): WallTime {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Milliseconds that the zone's clock is ahead of UTC at an instant. */
export const offsetAt = (zone: string, instant: number): number =>
  wallTimeAt(zone, instant) - Math.floor(instant / secondMs) * secondMs;

/** Every instant at which the clock shows this: none when it is skipped, two when it is shown twice. Ascending. */
export function instantsOf(zone: string, wall: WallTime): number[] {
  const offsets = new Set([offsetAt(zone, wall - dayMs), offsetAt(zone, wall + dayMs)]);
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((instant) => wallTimeAt(zone, instant) === wall)
    .sort((a, b) => a - b);
}

/** Shorter than any clock stays changed: Morocco's Ramadan is the shortest, with a month. */
const strideMs = 7 * dayMs;

/** Every change of the clock in `(from, to]`, ascending. Whole seconds. */
export function clockChanges(zone: string, from: number, to: number): ClockChange[] {
  const changes: ClockChange[] = [];
  let before = offsetAt(zone, from);
  for (let start = from; start < to; start += strideMs) {
    const end = Math.min(start + strideMs, to);
    const after = offsetAt(zone, end);
    if (after === before) continue;
    changes.push({ at: changeBetween(zone, start, end, before), before, after });
    before = after;
  }
  return changes;
}

function changeBetween(zone: string, from: number, to: number, before: number): number {
  let low = Math.floor(from / secondMs);
  let high = Math.ceil(to / secondMs);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle * secondMs) === before) low = middle;
    else high = middle;
  }
  return high * secondMs;
}

/** `2027-03-28 02:30`. */
export const wallText = (wall: WallTime): string => new Date(wall).toISOString().slice(0, 16).replace('T', ' ');

/** `2027-03-28 03:30 +02:00`. */
export function localText(zone: string, instant: number): string {
  const wall = wallTimeAt(zone, instant);
  const minutes = Math.round((wall - instant) / 60_000);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return `${wallText(wall)} ${minutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
}
