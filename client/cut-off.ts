import type { EventStatus } from '../domain/report.ts';

/** The report of a run that was terminated: its last status. It cleaned nothing up; the sweep does. */
export function reportOfCutOff(last: EventStatus, why: string): EventStatus {
  const endDetail = `terminated in Temporal while ${last.phase} (${why}); ${leftText(last)}`;
  return { ...last, phase: 'failed', nextCue: undefined, endDetail };
}

function leftText({ legs, released }: EventStatus): string {
  if (legs) return 'its legs were cancelled and clean up';
  return released ? 'nothing was left at the vendor' : 'it cleaned nothing up: the sweep releases what it left';
}
