import type { CallHooks } from './call.ts';
import type { HttpClient } from './http.ts';

/** What the process gives to a driver. */
export interface DriverContext {
  /** Around each call to the vendor. */
  hooks: CallHooks;
  /** What is not the SDK's own transport, and the way out for that. */
  http: HttpClient;
  /**
   * Epoch milliseconds by the clock that decides: Temporal's, in a worker. A process that does not know it leaves it out, and goes by the
   * vendor's, which compares the dates that are signed with its own.
   */
  now?: () => number;
}
