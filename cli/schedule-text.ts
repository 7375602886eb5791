import type { ScheduleReport, ScheduleView } from '../client/schedules/view.ts';

/** A recurring show for people. */
export function scheduleLines(view: ScheduleView | ScheduleReport): string[] {
  const { scheduleId, key, vendor, title, timeZone, calendars, lead, catchUp, overlap, paused, note, startAt, endAt } =
    view;
  return [
    `${key}  ${title === scheduleId ? '' : `${title}  `}${vendor}${paused ? '  PAUSED' : ''}`,
    `  when      ${calendars.join(' | ') || 'unknown'}  in ${timeZone}`,
    ...(startAt || endAt ? [`  bounds    ${[startAt ?? '…', endAt ?? '…'].join(' to ')}`] : []),
    `  begins    ${lead} before each show; still begun up to ${catchUp} after its start`,
    `  overlap   ${overlap ?? 'a policy that showcaller does not set'}`,
    ...(note ? [`  note      ${note}`] : []),
    ...showLines(view),
    ...view.warnings.map((warning) => `  warning   ${warning}`),
    ...('recent' in view ? historyLines(view) : []),
  ];
}

function showLines({ shows }: ScheduleView): string[] {
  if (shows.length === 0) return ['  shows     none to come'];
  return shows.map(({ startsAt, local, eventId }, index) => {
    const head = index === 0 ? 'shows' : '';
    return `  ${head.padEnd(8)}  ${startsAt}  ${local}  ${eventId}`;
  });
}

function historyLines({ recent, running, missed, skipped }: ScheduleReport): string[] {
  return [
    ...recent.slice(0, 5).map(({ eventId }, index) => {
      const state = running.includes(eventId) ? '  goes on' : '';
      return `  ${(index === 0 ? 'begun' : '').padEnd(8)}  ${eventId}${state}`;
    }),
    ...(missed > 0 ? [`  missed    ${missed} never begun: Temporal was away for too long`] : []),
    ...(skipped > 0 ? [`  skipped   ${skipped} never begun: the one before was not over`] : []),
  ];
}

/** One line of a list. */
export const scheduleLine = ({ key, vendor, timeZone, calendars, paused, shows }: ScheduleReport): string =>
  [
    key.padEnd(32),
    vendor.padEnd(22),
    (paused ? 'paused' : (shows[0]?.local ?? 'over')).padEnd(24),
    `${calendars.join(' | ')} ${timeZone}`,
  ].join(' ');
