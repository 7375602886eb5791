import type { LegStatus } from '../report.ts';

export const hasEnded = ({ endedAt }: LegStatus): boolean => endedAt !== undefined;
export const runs = (leg: LegStatus): boolean => leg.begunAt !== undefined && !hasEnded(leg);
