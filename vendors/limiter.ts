import { VendorError } from '../domain/errors.ts';
import type { CallEvent, CallHooks } from './call.ts';

/** Calls per second that a vendor documents for an account, by operation; `*` for the others. */
export type Rates = Readonly<Record<string, number>>;

export interface LimiterOptions {
  /** The documented rates of a vendor; undefined for no limit. */
  rates(vendor: string): Rates | undefined;
  /** This process's part of each rate, where several workers share an account. Default 1. */
  share?: number;
  /** Milliseconds of a monotonic clock: a clock that is set back must not make calls wait. */
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
  /** Called when throttling, or recovery from it, changed the share of a documented rate that is used. */
  slowed?: (vendor: string, account: string, operation: string, share: number) => void;
}

/**
 * The longest wait inside an attempt, which has time for two: an attempt that fails instead costs Temporal a retry. A call that
 * would wait longer comes back when it is its turn, where people can see it.
 */
const longestWaitMs = 20_000;
/** Throttling halves the rate, down to this share; each successful call adds this much again. */
const leastShare = 1 / 16;
const recovery = 1.05;

interface Bucket {
  perSecond: number;
  /** When the next call may go, on the monotonic clock. */
  freeAt: number;
  /** When the call that was refused last is to come back. */
  refusedUntil: number;
  /** Between `leastShare` and 1. */
  slowed: number;
}

/** A burst of up to one second's worth may go at once. */
const burstMs = 1_000;

/**
 * Keeps each account within the vendor's documented rate, operation by operation, and slows down when the vendor
 * throttles all the same, because other tools share the account.
 */
export function createLimiter(options: LimiterOptions): Required<Pick<CallHooks, 'acquire' | 'settled'>> {
  const { now = () => performance.now(), sleep = pause, share = 1 } = options;
  const buckets = new Map<string, Bucket>();

  const bucketOf = (vendor: string, account: string, operation: string): Bucket | undefined => {
    const key = `${vendor}/${account}/${operation}`;
    const known = buckets.get(key);
    if (known) return known;
    const rates = options.rates(vendor);
    const perSecond = rates?.[operation] ?? rates?.['*'];
    if (perSecond === undefined) return undefined;
    const bucket = { perSecond: perSecond * share, freeAt: Number.NEGATIVE_INFINITY, refusedUntil: 0, slowed: 1 };
    buckets.set(key, bucket);
    return bucket;
  };

  return {
    async acquire(vendor, account, operation) {
      const bucket = bucketOf(vendor, account, operation);
      if (!bucket) return;
      const at = now();
      const earliest = Math.max(bucket.freeAt, at - burstMs);
      const waitMs = earliest - at;
      const gapMs = 1000 / (bucket.perSecond * bucket.slowed);
      if (waitMs > longestWaitMs) {
        // One after the other: all at one instant would be refused again.
        bucket.refusedUntil = Math.max(bucket.refusedUntil, earliest) + gapMs;
        throw tooBusy(vendor, account, operation, bucket.perSecond, bucket.refusedUntil - at);
      }
      bucket.freeAt = earliest + gapMs;
      if (waitMs > 0) await sleep(waitMs);
    },
    settled({ vendor, account, operation, error }: CallEvent) {
      const bucket = bucketOf(vendor, account, operation);
      if (!bucket) return;
      const throttled = error?.kind === 'throttled';
      const before = bucket.slowed;
      bucket.slowed = throttled ? Math.max(leastShare, bucket.slowed / 2) : Math.min(1, bucket.slowed * recovery);
      if (bucket.slowed !== before) options.slowed?.(vendor, account, operation, bucket.slowed);
      const waitMs = throttled ? (error.facts.retryAfterMs ?? 0) : 0;
      if (waitMs > 0) bucket.freeAt = Math.max(bucket.freeAt, now() + waitMs);
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const tooBusy = (vendor: string, account: string, operation: string, perSecond: number, waitMs: number): VendorError =>
  new VendorError({
    kind: 'throttled',
    vendor,
    operation,
    resource: `account ${account}`,
    message: `our own limiter: more calls are waiting than ${perSecond} per second can serve in ${longestWaitMs / 1000} s`,
    retryAfterMs: waitMs,
  });
