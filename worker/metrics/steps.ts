import { CompleteAsyncError, type Info } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { SweptResource } from '../../domain/sweep.ts';
import type { Metrics, Owner } from './metrics.ts';
import { ownerOf } from './step-owner.ts';

/** Measures the outcome of each attempt of each step, and what sweeps found. */
export const meteredSteps =
  (metrics: Metrics, now: () => number): ActivityInterceptorsFactory =>
  ({ info, cancellationSignal }) => ({
    inbound: {
      async execute(input, next) {
        const owner = ownerOf(input.args[0]) ?? unknownOwner;
        const ended = (outcome: string, error?: unknown) => {
          if (isTriedAgain(info, cancellationSignal, error)) return;
          metrics.stepEnded({
            ...owner,
            step: info.activityType,
            outcome,
            // A local attempt was scheduled by this worker's own clock.
            ageMs: (info.isLocal ? Date.now() : now()) - info.scheduledTimestampMs,
          });
        };
        try {
          const result = await next(input);
          ended('done');
          measureSweep(metrics, owner, info.activityType, result);
          return result;
        } catch (error) {
          ended(outcomeOf(error), error);
          throw error;
        }
      },
    },
  });

const unknownOwner: Owner = { vendor: 'unknown', account: 'unknown' };

/** A local attempt that fails, or takes too long, is tried again as a step. */
const isTriedAgain = ({ isLocal }: Pick<Info, 'isLocal'>, cancelled: AbortSignal, error: unknown): boolean =>
  isLocal && (error !== undefined || cancelled.aborted);

/** `waiting` is no failure: the vendor needs time. Failures are named by their kind of error. */
export function outcomeOf(error: unknown): string {
  if (error instanceof CompleteAsyncError) return 'elsewhere';
  if (error instanceof CancelledFailure) return 'cancelled';
  if (!(error instanceof ApplicationFailure)) return 'unknown';
  return error.category === ApplicationFailureCategory.BENIGN ? 'waiting' : (error.type ?? 'unknown');
}

function measureSweep(metrics: Metrics, owner: Owner, step: string, result: unknown): void {
  if (step === 'findOrphans') {
    const { seen, orphans } = result as { seen: number; orphans: readonly unknown[] };
    metrics.sweptAccount(owner, seen, orphans.length);
  }
  if (step === 'releaseOrphan') metrics.sweptResource(owner, (result as Pick<SweptResource, 'outcome'>).outcome);
}
