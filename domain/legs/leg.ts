import type { LegStatus } from '../report.ts';

export const hasEnded = ({ endedAt }: LegStatus): boolean => endedAt !== undefined;
export const runs = (leg: LegStatus): boolean => leg.begunAt !== undefined && !hasEnded(leg);
/** Its run has no plan yet: it has said nothing, or only that it is there. */
export const hasBegunOnly = (leg: LegStatus): boolean => runs(leg) && !(leg.status && leg.status.startsAt > 0);
