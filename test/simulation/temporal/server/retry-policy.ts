import type { Failure, RetryPolicy } from '../events.ts';
import { millis } from '../payloads.ts';
import { temporal } from '../sdk-internals.ts';
import type { RetryRules } from './execution.ts';

const { RetryState, TimeoutType } = temporal.api.enums.v1;

export const retryStates = {
  inProgress: RetryState.RETRY_STATE_IN_PROGRESS as number,
  nonRetryable: RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE as number,
  timeout: RetryState.RETRY_STATE_TIMEOUT as number,
  maximumAttempts: RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED as number,
  cancelRequested: RetryState.RETRY_STATE_CANCEL_REQUESTED as number,
};

export function retryRulesOf(policy: RetryPolicy | null | undefined): RetryRules {
  const initialMs = millis(policy?.initialInterval) || 1000;
  return {
    initialMs,
    backoff: policy?.backoffCoefficient ?? 2,
    maximumMs: millis(policy?.maximumInterval) || 100 * initialMs,
    attempts: policy?.maximumAttempts ?? 0,
    nonRetryable: policy?.nonRetryableErrorTypes ?? [],
  };
}

/** How long until the next attempt, or why there is none. */
export function nextAttempt(
  { rules, attempt, failure }: { rules: RetryRules; attempt: number; failure: Failure },
  msLeft: number,
): { backoffMs: number } | { state: number } {
  if (!isRetryable(failure, rules.nonRetryable)) return { state: retryStates.nonRetryable };
  if (rules.attempts > 0 && attempt >= rules.attempts) return { state: retryStates.maximumAttempts };
  const asked = failure.applicationFailureInfo?.nextRetryDelay;
  let backoffMs = asked ? millis(asked) : rules.initialMs * rules.backoff ** (attempt - 1);
  // What the activity asks for is not capped (server 1.29.1); nought means no retry at all.
  if (!asked && (backoffMs <= 0 || backoffMs > rules.maximumMs)) backoffMs = rules.maximumMs;
  return backoffMs <= 0 || backoffMs > msLeft ? { state: retryStates.timeout } : { backoffMs };
}

const retryableTimeouts: readonly unknown[] = [
  TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE,
  TimeoutType.TIMEOUT_TYPE_HEARTBEAT,
];

function isRetryable(failure: Failure, nonRetryable: readonly string[]): boolean {
  if (failure.terminatedFailureInfo || failure.canceledFailureInfo) return false;
  if (failure.timeoutFailureInfo) return retryableTimeouts.includes(failure.timeoutFailureInfo.timeoutType);
  if (failure.serverFailureInfo) return !failure.serverFailureInfo.nonRetryable;
  const { applicationFailureInfo: application } = failure;
  return !application || (!application.nonRetryable && !nonRetryable.includes(application.type ?? ''));
}

const timeoutNumbers = {
  SCHEDULE_TO_CLOSE: TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE,
  SCHEDULE_TO_START: TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START,
  START_TO_CLOSE: TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE,
  HEARTBEAT: TimeoutType.TIMEOUT_TYPE_HEARTBEAT,
} as const;
export type Timeout = keyof typeof timeoutNumbers;

export const timeoutFailure = (timeout: Timeout): Failure => ({
  message: `activity ${timeoutNames[timeout]} timeout`,
  source: 'Server',
  timeoutFailureInfo: { timeoutType: timeoutNumbers[timeout] },
});

const timeoutNames: Readonly<Record<Timeout, string>> = {
  SCHEDULE_TO_CLOSE: 'ScheduleToClose',
  SCHEDULE_TO_START: 'ScheduleToStart',
  START_TO_CLOSE: 'StartToClose',
  HEARTBEAT: 'Heartbeat',
};
