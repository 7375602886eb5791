import type { Calendar } from './calendar.ts';
import { instantsBetween, type Recurrence } from './occurrences.ts';
import { clockChanges } from './zone-clock.ts';

const minuteMs = 60_000;
const minutesOfADay = 24 * 60;

/**
 * How many runs of this length may be under way at once when each begins whatever became of those before: an upper bound, of
 * `after` and until `until`.
 *
 * @param lengthMs from the beginning of a run to the planned end of its show
 */
export function mostAtOnce(recurrence: Recurrence, lengthMs: number, after: number, until: number): number {
  // Only where the clock changes while a run goes on are its shows nearer to each other than on the clock.
  const changes = clockChanges(recurrence.zone, after - lengthMs, until);
  const near = changes.map(({ at }) => mostOf(instantsBetween(recurrence, at - lengthMs, at + lengthMs), lengthMs));
  return Math.max(mostByTheClock(recurrence.calendars, lengthMs), ...near);
}

/** Takes every day for one of the calendars. */
function mostByTheClock(calendars: readonly Calendar[], lengthMs: number): number {
  const starts = [
    ...new Set(calendars.flatMap(({ hours, minutes }) => hours.flatMap((h) => minutes.map((m) => h * 60 + m)))),
  ].sort((a, b) => a - b);
  const length = Math.ceil(lengthMs / minuteMs);
  const wholeDays = Math.floor(length / minutesOfADay);
  const rest = length % minutesOfADay;
  const twice = [...starts, ...starts.map((at) => at + minutesOfADay)];
  return Math.max(1, wholeDays * starts.length + mostOf(twice, rest));
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
