import { activityInfo, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityDeps } from './deps.ts';
import type { RetryPolicy } from './failures.ts';

/** An attempt that was under way so long ago may have been given up since: a third of the heartbeat timeout of a step. */
const mayBeGivenUpMs = 5_000;
/** One that was under way so long ago has been given up, unless its heartbeats arrive: less than the heartbeat timeout. */
const isGivenUpMs = 12_000;
/** The two clocks of a machine that was suspended disagree by more. */
export const suspendedMs = 2_000;

/**
 * What is asked before each change at a vendor. A worker that was paused, or cut off from Temporal, goes on with an attempt that
 * Temporal has given up: later steps of the run may be done by then, and an allocation would close what they opened, or open
 * what they closed. So that a step changes nothing then, an attempt that is not surely under way asks Temporal.
 *
 * Where Temporal does not answer, only what closes for good goes on: what opens would do so unknown to the run.
 */
export function onlyUnderWay(
  { clock, isUnderWay }: Pick<ActivityDeps, 'clock' | 'isUnderWay'>,
  policy: RetryPolicy,
): (() => Promise<void>) | undefined {
  const { workflowExecution, activityId, attempt, currentAttemptScheduledTimestampMs } = activityInfo();
  if (!isUnderWay || !workflowExecution) return undefined;
  const waitedMs = Math.max(0, clock.now() - currentAttemptScheduledTimestampMs);
  let underWayAt = performance.now() - waitedMs;
  let apart = clocksApart();
  return async () => {
    const askedAt = performance.now();
    const wasSuspended = Math.abs(clocksApart() - apart) > suspendedMs;
    if (!wasSuspended && askedAt - underWayAt < mayBeGivenUpMs) return;
    let answer: boolean;
    try {
      answer = await isUnderWay({ ...workflowExecution, activityId, attempt });
    } catch (error) {
      const maySurelyGoOn = !wasSuspended && askedAt - underWayAt < isGivenUpMs;
      if (policy !== 'after-show' && !maySurelyGoOn) throw refused('cannot ask Temporal whether it is');
      log.warn('cannot ask Temporal whether this attempt is still under way: it goes on', { error });
      return;
    }
    if (!answer) throw refused('Temporal has given up this attempt: another one');
    underWayAt = askedAt;
    apart = clocksApart();
  };
}

/** How far the machine's time is from its monotonic clock, milliseconds: it grows while the machine is suspended. */
export const clocksApart = (): number => Date.now() - performance.now();

/** Tried again: an attempt that Temporal has given up is answered by nothing, and another one is under way. */
const refused = (why: string): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'attempt-given-up',
    message: `${why} is under way; nothing was changed at the vendor`,
    nextRetryDelay: '1s',
  });
