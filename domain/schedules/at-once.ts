import type { Calendar } from './calendar.ts';
import { instantsBetween, type Recurrence } from './occurrences.ts';
import { type ClockChange, clockChanges } from './zone-clock.ts';

const minuteMs = 60_000;
const minutesOfADay = 24 * 60;
const dayMs = minutesOfADay * minuteMs;

/** More starts than that are not counted around a change of the clock: an API that lists schedules would stop meanwhile. */
const mostCounted = 1_000;

/**
 * How many runs of this length may be under way at once when each begins whatever became of those before: an upper bound, of
 * `after` and until `until`.
 *
 * @param lengthMs from the beginning of a run to the planned end of its show
 */
export function mostAtOnce(recurrence: Recurrence, lengthMs: number, after: number, until: number): number {
  const { zone, calendars } = recurrence;
  const byTheClock = mostByTheClock(calendars);
  // Only where the clock changes while a run goes on are its shows nearer to each other than on the clock.
  const changes = clockChanges(zone, after - lengthMs, until);
  const startsADay = calendars.reduce((sum, { hours, minutes }) => sum + hours.length * minutes.length, 0);
  const days = 2 + (2 * lengthMs) / dayMs;
  if (days * (1 + startsADay) > mostCounted) return boundOf(changes, byTheClock, lengthMs);
  const near = changes.map(({ at }) => mostOf(instantsBetween(recurrence, at - lengthMs, at + lengthMs), lengthMs));
  return Math.max(byTheClock(lengthMs), ...near);
}

/** A clock that goes forward brings together, and one that goes back repeats, at most what begins in the time that it moves by. */
function boundOf(changes: readonly ClockChange[], byTheClock: (lengthMs: number) => number, lengthMs: number): number {
  const more = changes.map(({ at: first }) =>
    changes
      .filter(({ at }) => at >= first && at < first + lengthMs)
      .reduce((sum, { before, after }) => sum + byTheClock(Math.abs(after - before)), 0),
  );
  // No minute has two starts.
  return Math.min(Math.ceil(lengthMs / minuteMs), byTheClock(lengthMs) + Math.max(0, ...more));
}

/** How many begin within a length. Takes every day for one of the calendars. */
function mostByTheClock(calendars: readonly Calendar[]): (lengthMs: number) => number {
  const starts = [
    ...new Set(calendars.flatMap(({ hours, minutes }) => hours.flatMap((h) => minutes.map((m) => h * 60 + m)))),
  ].sort((a, b) => a - b);
  const twice = [...starts, ...starts.map((at) => at + minutesOfADay)];
  return (lengthMs) => {
    const length = Math.ceil(lengthMs / minuteMs);
    const wholeDays = Math.floor(length / minutesOfADay);
    return Math.max(1, wholeDays * starts.length + mostOf(twice, length % minutesOfADay));
  };
}

/** How many of these begin within the length from one of them on. Ascending. */
function mostOf(starts: readonly number[], length: number): number {
  let most = 0;
  let end = 0;
  for (const [first, from] of starts.entries()) {
    while (end < starts.length && (starts[end] ?? 0) < from + length) end += 1;
    most = Math.max(most, end - first);
  }
  return most;
}
