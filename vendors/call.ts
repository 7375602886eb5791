import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { VendorError, type VendorErrorFacts } from '../domain/errors.ts';
import type { BilledState } from '../domain/usage/billing.ts';
import { UnknownAnswer } from './answer.ts';
import { boundAnswer, mostAnswerBytes } from './answer-size.ts';
import { runWith, underWay } from './under-way.ts';
import { clockText, readDate, VendorClock } from './vendor-clock.ts';

/** Notes a state that costs, or its end, for the usage of the event; also when the step fails afterwards. */
export const noteBilling = (seen: BilledState): void => {
  underWay().counter?.states?.push(seen);
};

export interface CallOptions {
  /** The vendor's own name of the call; also the key of rate limits, metrics and simulator faults. */
  operation: string;
  /** True when the vendor may have changed something even if no answer came. */
  mutates: boolean;
  /** The resource of the call, for the error. */
  resource?: string;
}

export type Classify = (error: unknown) => Omit<VendorErrorFacts, 'vendor' | 'operation' | 'resource'>;

export interface CallEvent {
  vendor: string;
  account: string;
  operation: string;
  ms: number;
  /** How far this machine's clock is ahead of the vendor's, by the date of its answer. */
  clockAheadMs?: number;
  /** Absent on success. */
  error?: VendorError;
}

export interface CallHooks {
  /** Waits for the vendor's rate; called before each call. `mutates` as in `CallOptions`. */
  acquire?: (vendor: string, account: string, operation: string, mutates?: boolean) => Promise<void>;
  /** How far this machine's clock is ahead of Temporal's, milliseconds; undefined while that is not known. */
  clockAheadMs?: () => number | undefined;
  /** Called after each call. */
  settled?: (event: CallEvent) => void;
}

type Call = <T>(options: CallOptions, send: () => Promise<T>) => Promise<T>;

export interface Caller extends Call {
  /** Epoch milliseconds by the clock of the context; without one by this machine's, put right by the vendor's answers. */
  now(): number;
}

/** The one way out to a vendor: rate limit, error classification, count of mutations. Every `sdk.ts` wraps its calls in it. */
export function createCaller(
  vendor: string,
  account: string,
  classify: Classify,
  { hooks, now }: { hooks: CallHooks; now?: () => number },
): Caller {
  hearAnswers();
  const vendorClock = new VendorClock();
  const call: Call = async (options, send) => {
    await hooks.acquire?.(vendor, account, options.operation, options.mutates);
    const counter = options.mutates ? underWay().counter : undefined;
    await counter?.mayChange?.();
    const startedAt = performance.now();
    const clock: { aheadMs?: number; clock: VendorClock } = { clock: vendorClock };
    const sendDated = () => runWith({ call: clock, mostAnswerBytes }, send);
    const settle = (error?: VendorError) =>
      hooks.settled?.({
        vendor,
        account,
        operation: options.operation,
        ms: performance.now() - startedAt,
        ...(clock.aheadMs !== undefined && { clockAheadMs: clock.aheadMs }),
        ...(error && { error }),
      });
    try {
      const signedWith = vendorClock.correctionMs();
      const answer = await sendDated().catch((error: unknown) => {
        // A date is refused before anything is done; the refusal says what time it is.
        const mayPass = isClockSkew(error, classify, clock.aheadMs) && vendorClock.correctionMs() !== signedWith;
        return mayPass ? sendDated() : Promise.reject(error);
      });
      noteClock(vendor, clock.aheadMs);
      if (counter) counter.count += 1;
      settle();
      return answer;
    } catch (cause) {
      const error =
        cause instanceof VendorError
          ? cause
          : new VendorError(
              {
                vendor,
                operation: options.operation,
                resource: options.resource,
                ...clockChecked(unknownAnswer(cause, classify), clock.aheadMs),
                ...clockFact(clockText(vendor, clock, hooks.clockAheadMs?.())),
              },
              { cause },
            );
      noteClock(vendor, clock.aheadMs);
      if (counter && !definitelyRefused(error)) counter.count += 1;
      settle(error);
      throw error;
    }
  };
  return Object.assign(call, { now: now ?? (() => Date.now() + vendorClock.correctionMs()) });
}

let isHearing = false;
/** The answers to every SDK pass here, also those that it throws away. */
function hearAnswers(): void {
  if (isHearing) return;
  isHearing = true;
  subscribe('http.client.response.finish', (message) => {
    const { response } = message as { response: IncomingMessage };
    readDate(response);
    boundAnswer(response);
  });
}

/** An answer that was long on its way looks as if this clock were ahead. */
function noteClock(vendor: string, aheadMs: number | undefined): void {
  const clocks = underWay().counter?.clocks;
  const known = clocks?.get(vendor);
  if (aheadMs === undefined || (known !== undefined && Math.abs(known) <= Math.abs(aheadMs))) return;
  clocks?.set(vendor, aheadMs);
}

/** Vendors allow 5 to 15 minutes. */
const refusedSkewMs = 4 * 60_000;

/** Credentials that are refused while the clocks are so far apart may be right: a signature or a token has a date. */
function clockChecked(facts: ReturnType<Classify>, aheadMs = 0): ReturnType<Classify> {
  const mayBeTheClock = facts.kind === 'unauthorized' && Math.abs(aheadMs) >= refusedSkewMs;
  return mayBeTheClock ? { ...facts, kind: 'clock-skew' } : facts;
}

function isClockSkew(error: unknown, classify: Classify, aheadMs: number | undefined): boolean {
  if (error instanceof UnknownAnswer) return false;
  const facts = error instanceof VendorError ? error.facts : classify(error);
  return clockChecked(facts, aheadMs).kind === 'clock-skew';
}

const clockFact = (clock: string | undefined) => (clock === undefined ? {} : { clock });

/** The vendor answered, and its answer was no: nothing was changed by this call. */
export const definitelyRefused = (error: VendorError): boolean =>
  ['invalid-request', 'unauthorized', 'quota-exceeded', 'not-found', 'conflict', 'throttled', 'clock-skew'].includes(
    error.kind,
  );

/** What no vendor sent says nothing of the channel: tried again for as long as it lasts. */
function unknownAnswer(cause: unknown, classify: Classify): ReturnType<Classify> {
  if (!(cause instanceof UnknownAnswer)) return classify(cause);
  return {
    kind: 'unavailable',
    message: cause.message,
    code: cause.name,
    ...(cause.httpStatus !== undefined && { httpStatus: cause.httpStatus }),
    advice:
      'it is asked again; if it lasts, see what answers instead of the vendor: a proxy, a gateway, a maintenance page',
  };
}
