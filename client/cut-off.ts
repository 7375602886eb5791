import type { EventStatus } from '../domain/report.ts';

/** The report of a run that was terminated: its last status. It cleaned nothing up; the sweep does. */
export function reportOfCutOff(last: EventStatus, why: string): EventStatus {
  const cutOff = `terminated in Temporal while ${last.phase} (${why})`;
  if (last.legs)
    return {
      ...last,
      phase: 'failed',
      nextCue: undefined,
      endDetail: `${cutOff}; its legs were cancelled and clean up`,
    };
  const left = last.released
    ? 'nothing was left at the vendor'
    : 'it cleaned nothing up: the sweep releases what it left';
  return { ...last, phase: 'failed', nextCue: undefined, endDetail: `${cutOff}; ${left}` };
}
