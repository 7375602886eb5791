import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { FailureDetails } from '../activities/contract.ts';

/** What an activity's failure says, whatever way it came to an end. */
export interface Told {
  /** Error kind, or Temporal's word for a timeout. */
  kind: string;
  message: string;
  /** True when the vendor refused before anything could have been made. */
  nothingMade: boolean;
  details?: FailureDetails;
}

/**
 * A retry that would land beyond a deadline fails early with its last ApplicationFailure as the cause; an attempt that
 * never answered fails with a TimeoutFailure. Both must be understood.
 */
export function told(failure: ActivityFailure): Told {
  const { cause } = failure;
  const late = failure.retryState === 'TIMEOUT' ? 'gave up at its deadline: ' : '';
  if (!(cause instanceof ApplicationFailure)) {
    return { kind: 'timeout', message: `${late}${cause?.message ?? failure.message}`, nothingMade: false };
  }
  const details = cause.details?.[0] as FailureDetails | undefined;
  return {
    kind: cause.type ?? 'unknown',
    message: `${late}${cause.message}`,
    nothingMade: details?.nothingMade === true,
    details,
  };
}
