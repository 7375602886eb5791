import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { VendorError, type VendorErrorKind } from '../domain/errors.ts';
import { messageOf } from '../domain/message-of.ts';
import { redact } from '../domain/redact.ts';
import { shortened } from '../domain/text.ts';
import { withoutQueries } from '../domain/without-queries.ts';
import type { FailureDetails, StepMemory } from './contract.ts';
import { failureTypes } from './contract.ts';

/**
 * How long a step is retried. Before the show an error that cannot pass fails the step at once. During the show the run
 * never stops looking, nor trying to have the channel open and recording. After it giving up would cost money. A recording is tried until its deadline.
 */
export type RetryPolicy = 'before-show' | 'during-show' | 'watching' | 'after-show' | 'recording';

interface Rule {
  /** Attempts before it fails for good; Infinity retries for ever. */
  attempts: number;
  maxDelayMs: number;
}

const minute = 60_000;
const never: Rule = { attempts: 1, maxDelayMs: 0 };
const soon: Rule = { attempts: Number.POSITIVE_INFINITY, maxDelayMs: minute / 2 };
const slowly: Rule = { attempts: Number.POSITIVE_INFINITY, maxDelayMs: 5 * minute };
/** For errors that may pass in a moment: eventual consistency, a transition under way, an unknown code. */
const briefly: Rule = { attempts: 10, maxDelayMs: minute / 2 };

/** The only place that decides what is retried. The compiler demands every policy and every kind. */
const retryRules: Record<RetryPolicy, Record<VendorErrorKind, Rule>> = {
  'before-show': {
    'invalid-request': never,
    unauthorized: never,
    // Another event may be cleaning up, and gives its place back in minutes.
    'quota-exceeded': briefly,
    'not-found': briefly,
    conflict: briefly,
    unknown: briefly,
    throttled: soon,
    unavailable: soon,
    // SDKs correct themselves, and clocks are set: no credentials are wrong.
    'clock-skew': soon,
  },
  'during-show': all(soon),
  watching: all(soon),
  'after-show': { ...all(slowly), conflict: soon, throttled: soon, unavailable: soon, 'clock-skew': soon },
  // A recording that the vendor does not have will not appear by waiting.
  recording: {
    ...all(slowly),
    'invalid-request': never,
    'not-found': briefly,
    throttled: soon,
    unavailable: soon,
    'clock-skew': soon,
  },
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
    'clock-skew': rule,
    unknown: rule,
  };
}

export interface FailureContext {
  policy: RetryPolicy;
  /** Errors in a row, this one included: the longer the row, the longer the delay. */
  errorsInARow: number;
  /** Errors whose tries are counted, since the step began, this one included. */
  triesUsed: number;
  /** True when no attempt changed anything at the vendor. */
  nothingMade: boolean;
  /** What the attempts of the step keep for the run. */
  remembered?: StepMemory;
  timeScale: number;
  secrets: readonly string[];
  /** Milliseconds until the deadline; a failure whose next attempt would come later is final, with its reason. */
  msLeft: number;
  /** Where this worker's clock is wrong: the cause of a refusal may be that. */
  skewText?: string;
}

/** Of an error that is not a vendor's; those are cut where they are made. */
export const longestText = 4_000;

const jitter = 0.2;
/** A delay that was asked for takes at most so many times as long. */
export const mostJitter = 1 + jitter;

/** Server retries have no jitter. */
const jittered = (ms: number): number => Math.round(ms * (1 - jitter + Math.random() * 2 * jitter));

/**
 * Whether the tries of a step that fails like this are counted. Waiting in between does not begin the count anew: what is
 * accepted and fails afterwards, again and again, would be asked for without end.
 */
export const isCounted = (error: unknown, policy: RetryPolicy): boolean =>
  Number.isFinite(retryRules[policy][error instanceof VendorError ? error.kind : 'unknown'].attempts);

/** Turns an error of a step into the failure that makes Temporal retry it, or not. */
export function asFailure(error: unknown, context: FailureContext): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const vendorError = error instanceof VendorError ? error : undefined;
  const kind = vendorError?.kind ?? 'unknown';
  const rule = retryRules[context.policy][kind];
  const details: FailureDetails = {
    kind,
    operation: vendorError?.facts.operation,
    code: vendorError?.facts.code,
    advice: vendorError?.facts.advice,
    nothingMade: context.nothingMade,
    ...context.remembered,
  };
  const grown = 1000 * 2 ** Math.min(context.errorsInARow - 1, 12);
  const wanted = Math.max(Math.min(grown, rule.maxDelayMs), vendorError?.facts.retryAfterMs ?? 0);
  const said = messageOf(error);
  const text = context.skewText === undefined || vendorError?.facts.clock ? said : `${said} (${context.skewText})`;
  return ApplicationFailure.create({
    type: kind,
    message: redact(text, context.secrets, longestText),
    details: [details],
    ...retryIn(wanted * context.timeScale, context.msLeft, context.triesUsed >= rule.attempts),
  });
}

/** Waiting is not an error: BENIGN failures are neither logged nor counted; the Temporal UI shows their reason. */
export function notYet(waitingFor: string, delayMs: number, timeScale: number, msLeft: number): ApplicationFailure {
  const message = withoutQueries(shortened(waitingFor, longestText));
  const retry = retryIn(delayMs * timeScale, msLeft, false);
  const category = ApplicationFailureCategory.BENIGN;
  const failure = withoutStack(() =>
    ApplicationFailure.create({ type: failureTypes.notYet, message, category, ...retry }),
  );
  // A reason to wait has no place in the code; the history would keep it with each loss of the encoder.
  failure.stack = '';
  return failure;
}

/** Taking a stack costs more than the rest of a look. */
function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A retry that lands on an instant: a cue must be met, so there is no jitter. */
export function notBefore(instant: number, now: number, waitingFor: string): ApplicationFailure {
  const failure = notYet(waitingFor, 0, 1, Number.POSITIVE_INFINITY);
  return Object.assign(failure, { nextRetryDelay: Math.max(1, instant - now) });
}

function retryIn(delayMs: number, msLeft: number, givenUp: boolean): { nonRetryable: boolean; nextRetryDelay: number } {
  const nextRetryDelay = Math.max(20, jittered(delayMs));
  return { nonRetryable: givenUp || nextRetryDelay >= msLeft, nextRetryDelay };
}
