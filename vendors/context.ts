import type { CallHooks } from './call.ts';
import type { HttpClient } from './http.ts';

/** What the process gives to a driver. */
export interface DriverContext {
  /** Around each call to the vendor. */
  hooks: CallHooks;
  /** What is not the SDK's own transport, and the way out for that. */
  http: HttpClient;
  /** Epoch milliseconds by the clock that decides: Temporal's in a worker, whose machine may have a wrong one. */
  now: () => number;
}
