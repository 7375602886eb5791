import { type ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { type FailureDetails, failureTypes } from '../activities/contract.ts';

/** What an activity's failure says, whatever way it came to an end. */
export interface Told {
  /** Error kind, or Temporal's word for a timeout. */
  kind: string;
  message: string;
  /** True when the vendor refused before anything could have been made. */
  nothingMade: boolean;
  details?: FailureDetails;
}

/** An attempt that never answered fails with a TimeoutFailure, and then what the last attempt said may be missing. */
export function told(failure: ActivityFailure): Told {
  const last = lastApplicationFailure(failure);
  if (!last) return { kind: 'timeout', message: failure.cause?.message ?? failure.message, nothingMade: false };
  const details = last.details?.[0] as FailureDetails | undefined;
  return {
    kind: last.type ?? 'unknown',
    message: last.type === failureTypes.notYet ? `not in time; it waited for ${last.message}` : last.message,
    nothingMade: details?.nothingMade === true,
    details,
  };
}

/** What the last attempt said, under whatever Temporal wrapped it in. */
function lastApplicationFailure(failure: Error): ApplicationFailure | undefined {
  const { cause } = failure;
  if (cause instanceof ApplicationFailure) return cause;
  return cause instanceof Error ? lastApplicationFailure(cause) : undefined;
}
