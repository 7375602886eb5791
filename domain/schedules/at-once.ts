import type { Calendar } from './calendar.ts';

const minuteMs = 60_000;
const minutesOfADay = 24 * 60;

/**
 * How many runs of this length may be under way at once when each begins whatever became of those before, taking every day
 * for one of the calendars: an upper bound.
 *
 * @param lengthMs from the beginning of a run to the planned end of its show
 */
export function mostAtOnce(calendars: readonly Calendar[], lengthMs: number): number {
  const starts = [
    ...new Set(calendars.flatMap(({ hours, minutes }) => hours.flatMap((h) => minutes.map((m) => h * 60 + m)))),
  ].sort((a, b) => a - b);
  const length = Math.ceil(lengthMs / minuteMs);
  const wholeDays = Math.floor(length / minutesOfADay);
  const rest = length % minutesOfADay;
  const twice = [...starts, ...starts.map((at) => at + minutesOfADay)];
  let most = 0;
  for (let first = 0, end = 0; first < starts.length; first += 1) {
    const from = starts[first] ?? 0;
    while (end < twice.length && (twice[end] ?? 0) < from + rest) end += 1;
    most = Math.max(most, end - first);
  }
  return Math.max(1, wholeDays * starts.length + most);
}
