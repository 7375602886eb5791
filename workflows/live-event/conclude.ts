import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  patched,
  TemporalFailure,
} from '@temporalio/workflow';
import { completes, type EndReason, finalPhaseOf } from '../../domain/phases.ts';
import type { EventStatus } from '../../domain/report.ts';
import { describeFailure } from '../failure.ts';
import { eventEnded } from '../metrics.ts';
import { unreleasedBefore } from './activities.ts';
import type { EventRecord } from './event-record.ts';
import { isCancelled, ShowOver } from './interrupts.ts';

type Ended = Pick<EventRecord, 'interrupts' | 'status'>;

/** Records why the phases ended. Any other error is a bug: the run waits for a fixed worker. */
export function recordEnd(run: Ended, error: unknown): void {
  if (!(error instanceof ShowOver) && !isCancellation(error)) throw error;
  const over = endOf(run, error);
  run.status.endReason = over.reason;
  run.status.endDetail = over.message;
}

/** A stop, a cue and a cancellation may come in one workflow task. What was accepted happens. */
function endOf({ interrupts, status }: Ended, error: unknown): Pick<ShowOver, 'reason' | 'message'> {
  const cancelled = { reason: 'cancelled', message: `cancelled while ${status.phase}` } as const;
  const { stopRequested } = interrupts;
  if (!(error instanceof ShowOver)) {
    if (!stopRequested || !patched('stop-before-cancel')) return cancelled;
    return { reason: stopRequested.reason ?? 'stopped-by-operator', message: stopRequested.detail };
  }
  const isCancelledToo = CancellationScope.current().consideredCancelled && !stopRequested;
  return isCancelledToo && patched('cancelled-as-it-ended') ? cancelled : error;
}

/** How the run of an event closes: with its report as result, or as what a failure carries. */
export function conclude(status: EventStatus): EventStatus {
  eventEnded(status);
  const reason = status.endReason ?? 'reached-end';
  if (reason === 'cancelled') throw new CancelledFailure(status.endDetail ?? 'cancelled', [status]);
  if (completes(reason)) return status;
  throw ApplicationFailure.create({
    type: reason,
    message: status.endDetail ?? reason,
    details: [status],
    nonRetryable: true,
  });
}

/** Closes a run whose plan could not be prepared. @throws the failure that the run closes with */
export async function endAsUnprepared(status: EventStatus, error: unknown): Promise<never> {
  const isKnown = isCancellation(error) || error instanceof ActivityFailure;
  const looksBack = isKnown && patched('looks-back-when-unprepared');
  if (looksBack) await lookBack(status);
  // Histories of before say of a check that hung when it was cancelled that the plan is wrong.
  if (looksBack ? isCancelled(error) : isCancellation(error)) {
    const report = endUnprepared(status, 'cancelled', 'cancelled while the plan was being checked');
    throw new CancelledFailure(report.endDetail, [report]);
  }
  if (!(error instanceof ActivityFailure)) throw error;
  const { message, kind, details: problems } = describeFailure(error);
  throw ApplicationFailure.create({
    type: 'invalid-plan' satisfies EndReason,
    message: kind === 'invalid-plan' ? message : `the plan could not be prepared: ${message}`,
    details: [endUnprepared(status, 'invalid-plan', message), problems],
    nonRetryable: true,
  });
}

/** A channel that an earlier run had on air when it was cut off may still be: only that run, a sweep or a run with a plan closes it. */
async function lookBack(status: EventStatus): Promise<void> {
  try {
    status.leftBefore = await CancellationScope.nonCancellable(() => unreleasedBefore());
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    const why = error instanceof ActivityFailure ? describeFailure(error).message : error.message;
    status.leftBefore = `whether an earlier run of the event left something billed is unknown: ${why}`;
  }
  status.released = status.leftBefore === undefined;
}

/** Ends a run that has no plan, and so neither a channel nor a cue. */
function endUnprepared(status: EventStatus, endReason: EndReason, endDetail: string): EventStatus {
  const report = Object.assign(status, { phase: finalPhaseOf(endReason), endReason, endDetail });
  eventEnded(report);
  return report;
}
