import { VendorError } from '../domain/errors.ts';
import type { CallEvent, CallHooks } from '../vendors/call.ts';
import { createLimiter } from '../vendors/limiter.ts';
import { vendorNamed } from '../vendors/registry.ts';
import type { OnSkew } from './clock.ts';
import type { Metrics } from './metrics/metrics.ts';

export interface RateObservers {
  metrics?: Metrics;
  /** Called after each call. */
  settled?: (event: CallEvent) => void;
  /** Called with how far this machine's clock is ahead of a vendor's. */
  skewed?: OnSkew;
  clockAheadMs?: () => number | undefined;
}

/** Keeps the vendor calls of a worker to its share of the vendors' documented rates, and calls the observers after each. */
export function limitedCalls(share: number, { metrics, settled, skewed, clockAheadMs }: RateObservers = {}): CallHooks {
  const limiter = createLimiter({
    rates: (vendor) => vendorNamed(vendor)?.rates,
    share,
    slowed: (vendor, account, operation, left) => metrics?.slowed({ vendor, account }, operation, left),
  });
  return {
    ...(clockAheadMs && { clockAheadMs }),
    async acquire(vendor, account, operation) {
      const from = performance.now();
      const waited = (ms: number) => metrics?.waitedForRate({ vendor, account }, operation, ms);
      try {
        await limiter.acquire(vendor, account, operation);
      } catch (error) {
        // It comes back after that time.
        if (error instanceof VendorError) waited(error.facts.retryAfterMs ?? 0);
        throw error;
      }
      waited(performance.now() - from);
    },
    settled(event) {
      limiter.settled(event);
      metrics?.called(event);
      if (event.clockAheadMs !== undefined) skewed?.(event.vendor, event.clockAheadMs);
      settled?.(event);
    },
  };
}
