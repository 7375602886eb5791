import { hostname } from 'node:os';
import { noticeableSkewMs, type SkewedClock } from '../domain/clock-skew.ts';
import type { RunClock } from './run-clock.ts';

/** What this machine's clock is wrong by, as far as that is known now. `vendors`: how far it is ahead of each vendor's. */
export function skewedClocks(
  clock: Pick<RunClock, 'now' | 'skewMs'>,
  vendors: ReadonlyMap<string, number> = new Map(),
): SkewedClock[] {
  const skews: [string, number][] = [['Temporal', clock.skewMs ?? 0], ...vendors];
  return skews
    .filter(([, aheadMs]) => Math.abs(aheadMs) >= noticeableSkewMs)
    .map(([from, aheadMs]) => ({ machine: hostname(), from, aheadMs: Math.round(aheadMs), at: clock.now() }));
}
