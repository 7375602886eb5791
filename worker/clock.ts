import type { Client } from '@temporalio/client';
import type { AttemptId } from '../activities/run-clock.ts';
import { noticeableSkewMs, skewTextOf } from '../domain/clock-skew.ts';
import type { Metrics } from './metrics/metrics.ts';

/** When Temporal started an attempt that is under way: the one instant of its clock that a worker can ask for. */
export const attemptStart =
  (client: Client) =>
  async ({ workflowId, runId, activityId, attempt }: AttemptId): Promise<number | undefined> => {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    const pending = raw.pendingActivities?.find((one) => one.activityId === activityId && one.attempt === attempt);
    const { seconds, nanos } = pending?.lastStartedTime ?? {};
    return seconds == null ? undefined : Number(seconds) * 1000 + Math.floor((nanos ?? 0) / 1_000_000);
  };

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
