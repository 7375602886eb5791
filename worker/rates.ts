import { installCallHooks } from '../vendors/call.ts';
import { vendorNamed } from '../vendors/registry.ts';
import { createLimiter } from './limiter.ts';

/** Keeps every vendor call of this process within the vendors' documented rates. Once per process. */
export const keepToRates = (share = 1): void =>
  installCallHooks(createLimiter({ rates: (vendor) => vendorNamed(vendor)?.rates, share }));
