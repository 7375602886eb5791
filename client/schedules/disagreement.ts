import { nextOccurrences } from '../../domain/schedules/occurrences.ts';
import type { Definition } from './check.ts';
import type { ScheduleReport } from './view.ts';

/** Why Temporal would start other shows than planned, as a server does that ignores `timezone_data`; undefined when it would not. */
export function disagreement(
  { recurrence, leadMs }: Definition,
  { shows }: ScheduleReport,
  now: number,
): string | undefined {
  const theirs = shows.map(({ startsAt }) => Date.parse(startsAt));
  // A show may have begun since.
  const ours = nextOccurrences(recurrence, now + leadMs, shows.length + 1);
  const first = theirs[0];
  const wrong = theirs.find((at, index) => at !== ours[index + (first === ours[1] ? 1 : 0)]);
  if (wrong === undefined && (theirs.length > 0 || ours.length === 0)) return undefined;
  const mean = ours.map((at) => new Date(at).toISOString()).join(', ');
  const says = shows.map(({ startsAt }) => startsAt).join(', ') || 'none';
  return `this Temporal server would start other shows (${says}) than planned (${mean})`;
}
