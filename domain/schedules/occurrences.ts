import type { Calendar } from './calendar.ts';
import { clockChanges, instantsOf, offsetAt, type WallTime, wallTimeAt } from './zone-clock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** When a show recurs. */
export interface Recurrence {
  zone: string;
  /** A time matches when any of them does. */
  calendars: readonly Calendar[];
  /** Not before, epoch milliseconds. */
  from?: number;
  /** Not after, epoch milliseconds. */
  to?: number;
}

/** A time of the calendar that a change of the clock skips, or shows twice. */
export interface ClockTrouble {
  wall: WallTime;
  /** Empty when it is skipped; both when it is shown twice. */
  instants: number[];
}

/** Leap days come at most eight years apart; nothing that recurs at all is rarer. */
const longestPauseDays = 8 * 366;

/** The instants of the shows after `after`, ascending. Ends when there is none in eight years. */
function* occurrences(recurrence: Recurrence, after: number): Generator<number> {
  const { zone, from = after, to = Number.POSITIVE_INFINITY } = recurrence;
  // A moment of `from` itself counts, one of `after` does not.
  const start = Math.max(after, from - 1);
  let day = startOfDay(wallTimeAt(zone, start)) - dayMs;
  let last = start;
  for (let quiet = 0; quiet <= longestPauseDays; quiet += 1, day += dayMs) {
    const instants = timesOn(recurrence, day).flatMap((wall) => instantsOf(zone, wall));
    for (const instant of instants.sort((a, b) => a - b)) {
      if (instant <= last) continue;
      if (instant > to) return;
      yield instant;
      last = instant;
      quiet = 0;
    }
  }
}

/** The first so many of them. */
export function nextOccurrences(recurrence: Recurrence, after: number, count: number): number[] {
  const found: number[] = [];
  if (count <= 0) return found;
  for (const instant of occurrences(recurrence, after)) {
    found.push(instant);
    if (found.length === count) break;
  }
  return found;
}

/** The instants of the shows in `[from, to)`, ascending: those of each span between two changes of the clock. */
export function instantsBetween(recurrence: Recurrence, from: number, to: number): number[] {
  const { zone, from: first = from, to: last = to } = recurrence;
  const changes = clockChanges(zone, from, to);
  const spans = [{ at: from, after: offsetAt(zone, from) }, ...changes];
  return spans
    .flatMap(({ at, after: offset }, index) => {
      const end = spans[index + 1]?.at ?? to;
      return wallTimes(recurrence, at + offset, end + offset).map((wall) => wall - offset);
    })
    .filter((instant) => instant >= first && instant <= last);
}

/** What changes of the clock in `(after, until]` do to the shows. */
export function clockTroubles(recurrence: Recurrence, after: number, until: number): ClockTrouble[] {
  const { zone, from = after, to = Number.POSITIVE_INFINITY } = recurrence;
  const changes = clockChanges(zone, Math.max(after, from), Math.min(until, to));
  return changes.flatMap(({ at, before, after: later }) => {
    const [first, last] = [at + Math.min(before, later), at + Math.max(before, later)];
    return wallTimes(recurrence, first, last).map((wall) => ({ wall, instants: instantsOf(zone, wall) }));
  });
}

/** The first time of the calendar that comes too near a change of the clock by other than whole hours. */
export function nearOddChange(recurrence: Recurrence, after: number, until: number): WallTime | undefined {
  for (const change of clockChanges(recurrence.zone, after, until)) {
    const { at, before, after: later } = change;
    if ((later - before) % hourMs === 0) continue;
    const near = [at + Math.min(before, later) - 2 * hourMs, at + Math.max(before, later) + 2 * hourMs] as const;
    const [wall] = wallTimes(recurrence, ...near);
    if (wall !== undefined) return wall;
  }
  return undefined;
}

/** Times of the calendar in `[first, last)` of the wall clock. */
function wallTimes(recurrence: Recurrence, first: WallTime, last: WallTime): WallTime[] {
  const found: WallTime[] = [];
  for (let day = startOfDay(first); day < last; day += dayMs) found.push(...timesOn(recurrence, day));
  return found.filter((wall) => wall >= first && wall < last);
}

function timesOn({ calendars }: Recurrence, day: WallTime): WallTime[] {
  const date = new Date(day);
  const matching = calendars.filter(
    ({ daysOfMonth, months, daysOfWeek }) =>
      months.includes(date.getUTCMonth() + 1) &&
      daysOfMonth.includes(date.getUTCDate()) &&
      daysOfWeek.includes(date.getUTCDay()),
  );
  const walls = matching.flatMap(({ hours, minutes }) =>
    hours.flatMap((hour) => minutes.map((minute) => day + hour * hourMs + minute * minuteMs)),
  );
  return [...new Set(walls)].sort((a, b) => a - b);
}

const startOfDay = (wall: WallTime): WallTime => Math.floor(wall / dayMs) * dayMs;
