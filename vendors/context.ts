import type { CallHooks } from './call.ts';

/** What a driver is given of the process that it runs in. */
export interface DriverContext {
  /** Around each call to the vendor. */
  hooks: CallHooks;
}
