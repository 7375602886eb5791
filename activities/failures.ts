import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { VendorError, type VendorErrorKind } from '../domain/errors.ts';
import type { FailureDetails } from './contract.ts';
import { failureTypes } from './contract.ts';
import { redact } from './redact.ts';

/**
 * How patient a step is. Before the show what cannot succeed fails at once; while it is on, looking never gives up;
 * after it giving up would cost money; a recording is tried until its deadline.
 */
export type Patience = 'before-show' | 'watching' | 'after-show' | 'recording';

interface Rule {
  /** Attempts before it fails for good; Infinity retries for ever. */
  attempts: number;
  maxDelayMs: number;
}

const minute = 60_000;
const never: Rule = { attempts: 1, maxDelayMs: 0 };
const soon: Rule = { attempts: Number.POSITIVE_INFINITY, maxDelayMs: minute / 2 };
const slowly: Rule = { attempts: Number.POSITIVE_INFINITY, maxDelayMs: 5 * minute };
/** For answers that may be wrong for a moment: eventual consistency, a transition under way, a code we do not know. */
const briefly: Rule = { attempts: 10, maxDelayMs: minute / 2 };

/** The only place that decides what is retried. The compiler asks for every kind and every patience. */
const rules: Record<Patience, Record<VendorErrorKind, Rule>> = {
  'before-show': {
    'invalid-request': never,
    unauthorized: never,
    'quota-exceeded': never,
    'not-found': briefly,
    conflict: briefly,
    unknown: briefly,
    throttled: soon,
    unavailable: soon,
  },
  watching: all(soon),
  'after-show': { ...all(slowly), throttled: soon, unavailable: soon },
  // What is gone for good brings no recording, however long one waits.
  recording: { ...all(slowly), 'invalid-request': never, 'not-found': briefly, throttled: soon, unavailable: soon },
};

function all(rule: Rule): Record<VendorErrorKind, Rule> {
  return {
    'invalid-request': rule,
    unauthorized: rule,
    'quota-exceeded': rule,
    'not-found': rule,
    conflict: rule,
    throttled: rule,
    unavailable: rule,
    unknown: rule,
  };
}

export interface FailureContext {
  patience: Patience;
  /** Errors in a row, this one included. */
  errorsInARow: number;
  /** True when no attempt changed anything at the vendor. */
  nothingMade: boolean;
  pace: number;
  secrets: readonly string[];
  /** Until the deadline; what cannot be retried before it fails now, with its reason. */
  msLeft: number;
}

/** Server retries have no jitter; ours is ±20 %. */
const jittered = (ms: number): number => Math.round(ms * (0.8 + Math.random() * 0.4));

/** Turns whatever a step threw into what Temporal should do about it. */
export function asFailure(error: unknown, context: FailureContext): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const vendorError = error instanceof VendorError ? error : undefined;
  const kind = vendorError?.kind ?? 'unknown';
  const rule = rules[context.patience][kind];
  const details: FailureDetails = {
    kind,
    operation: vendorError?.facts.operation,
    code: vendorError?.facts.code,
    advice: vendorError?.facts.advice,
    nothingMade: context.nothingMade,
  };
  const grown = 1000 * 2 ** Math.min(context.errorsInARow - 1, 12);
  const wanted = Math.max(Math.min(grown, rule.maxDelayMs), vendorError?.facts.retryAfterMs ?? 0);
  const text = error instanceof Error ? error.message : String(error);
  return ApplicationFailure.create({
    type: kind,
    message: redact(text, context.secrets),
    details: [details],
    ...retryIn(wanted * context.pace, context.msLeft, context.errorsInARow >= rule.attempts),
  });
}

/** Waiting is not an error: retried without a log line or a failure metric, its reason shown in the Temporal UI. */
export function notYet(waitingFor: string, delayMs: number, pace: number, msLeft: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureTypes.notYet,
    message: waitingFor,
    category: ApplicationFailureCategory.BENIGN,
    ...retryIn(delayMs * pace, msLeft, false),
  });
}

function retryIn(delayMs: number, msLeft: number, givenUp: boolean): { nonRetryable: boolean; nextRetryDelay: number } {
  const nextRetryDelay = Math.max(20, jittered(delayMs));
  return { nonRetryable: givenUp || nextRetryDelay >= msLeft, nextRetryDelay };
}
