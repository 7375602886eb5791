import { type ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { type FailureDetails, failureTypes } from '../activities/contract.ts';

/** Why an activity failed, whether by its own error or by a timeout. */
export interface FailureDescription {
  /** The error kind, or `timeout`. */
  kind: string;
  message: string;
  /** True when the vendor refused before anything could have been made. */
  nothingMade: boolean;
  details?: FailureDetails;
}

/** Describes a failed activity. After a timeout without any answer the reason of the last attempt may be missing. */
export function describeFailure(failure: ActivityFailure): FailureDescription {
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

/** The failure of the last attempt, below whatever Temporal wrapped around it. */
function lastApplicationFailure(failure: Error): ApplicationFailure | undefined {
  const { cause } = failure;
  if (cause instanceof ApplicationFailure) return cause;
  return cause instanceof Error ? lastApplicationFailure(cause) : undefined;
}
