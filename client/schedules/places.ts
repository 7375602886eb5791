import type { Client, ScheduleDescription } from '@temporalio/client';
import { eventKeyOf } from '../../domain/ids.ts';
import { nextOccurrences, type Recurrence } from '../../domain/schedules/occurrences.ts';
import { parseDuration } from '../../domain/time.ts';
import { queryOf } from '../listing.ts';
import { recurrenceIn, type ScheduleReport, type ScheduleView } from './view.ts';

/** What decides how many runs a schedule can begin while those under way go on. */
export interface Beginning {
  key: string;
  isAllowAll: boolean;
  runsAtOnce: number;
  recurrence: Recurrence;
  leadMs: number;
  /** From the beginning of a run to the planned end of its show, milliseconds. */
  spanMs: number;
  /** When the schedule was made or last replaced, epoch milliseconds. */
  changedAt: number;
  /** Keys of the runs for whose end Temporal waits before it begins another. */
  awaited: readonly string[];
}

/**
 * How many runs the schedule can begin beside those under way. Temporal knows a run as the schedule's only by the schedule that
 * began it: one of a schedule that was deleted and made again, or that was replaced meanwhile, is no longer its own.
 *
 * @param running keys of all runs under way
 */
export function runsToBegin(of: Beginning, running: ReadonlySet<string>, now: number): number {
  if (!of.isAllowAll) return of.awaited.some((key) => running.has(key)) ? 0 : of.runsAtOnce;
  const own = [...running].filter((key) => key.startsWith(`${of.key}-`) && isByCalendar(of, key, now)).length;
  return Math.max(0, of.runsAtOnce - own);
}

/** Whether a run began by the calendar of the schedule as it is now, and should not be over: it is among `runsAtOnce`. */
function isByCalendar({ key, recurrence, leadMs, spanMs, changedAt }: Beginning, run: string, now: number): boolean {
  const begunAt = Date.parse(run.slice(key.length + 1));
  if (Number.isNaN(begunAt) || begunAt < changedAt || begunAt <= now - spanMs) return false;
  const startsAt = begunAt + leadMs;
  return nextOccurrences(recurrence, startsAt - 1, 1)[0] === startsAt;
}

export function beginningOf(description: ScheduleDescription, report: ScheduleReport): Beginning {
  const { scheduleId: key, info } = description;
  const { overlap, runsAtOnce, plan } = report;
  const leadMs = parseDuration(report.lead) ?? 0;
  return {
    key,
    isAllowAll: overlap === 'allow-all',
    runsAtOnce,
    recurrence: recurrenceIn(description, leadMs).recurrence,
    leadMs,
    spanMs: leadMs + (parseDuration(plan.duration ?? '') ?? 0),
    changedAt: Math.max(info.createdAt.getTime(), info.lastUpdatedAt?.getTime() ?? 0),
    awaited: info.runningActions.map(({ workflow }) => eventKeyOf(workflow.workflowId) ?? ''),
  };
}

/** Keys of the runs of schedules that go on, also of schedules that are deleted. */
export async function runningKeys(client: Client, tenant: string | undefined): Promise<Set<string>> {
  const running = new Set<string>();
  const query = queryOf({ running: true, tenant, scheduled: true });
  for await (const { workflowId } of client.workflow.list({ query })) running.add(eventKeyOf(workflowId) ?? '');
  return running;
}

/** Whether a schedule that is replaced begins no more runs at once than before. */
export const beginTheSame = (before: ScheduleView, after: ScheduleView): boolean =>
  [before, after].every(({ overlap }) => overlap === 'skip' || overlap === 'buffer-one') ||
  timingOf(before) === timingOf(after);

/** When runs of a schedule begin, and for how long they are planned. */
const timingOf = ({ overlap, timeZone, calendars, startAt, endAt, lead, plan }: ScheduleView): string =>
  JSON.stringify([overlap, timeZone, calendars, startAt, endAt, lead, plan.duration]);
