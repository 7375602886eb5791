import { noticeableSkewMs, skewTextOf } from '../domain/clock-skew.ts';
import type { Metrics } from './metrics/metrics.ts';

/** @param clock whose: `Temporal`, or a vendor. @param skewMs how far this machine's clock is ahead of it */
export type OnSkew = (clock: string, skewMs: number) => void;

/** How often the gauge is set at most. Milliseconds. */
const shownEveryMs = 5_000;
const warnedEveryMs = 10 * 60_000;

/** Shows skews as a metric, and warns of those that can explain a failure. */
export function onSkew(warn: (message: string) => void, metrics?: Pick<Metrics, 'skewed'>): OnSkew {
  const shown = new Map<string, number>();
  const warned = new Map<string, number>();
  const isDue = (times: Map<string, number>, clock: string, everyMs: number): boolean => {
    const now = performance.now();
    if (now - (times.get(clock) ?? Number.NEGATIVE_INFINITY) < everyMs) return false;
    times.set(clock, now);
    return true;
  };
  return (clock, skewMs) => {
    const isWrong = Math.abs(skewMs) >= noticeableSkewMs;
    // A corrected clock is shown at once, and warned of at once when it is wrong again.
    if (!isWrong && warned.delete(clock)) shown.delete(clock);
    if (isDue(shown, clock, shownEveryMs)) metrics?.skewed(clock, skewMs);
    if (!isWrong || !isDue(warned, clock, warnedEveryMs)) return;
    const by = skewTextOf(skewMs);
    warn(
      `this machine's clock is ${by} that of ${clock}: set it by NTP. Cues follow Temporal's clock; calls to vendors may be refused`,
    );
  };
}
