/** What the worker registers; the one barrel the design allows here. */

import './promise-realm.ts';

/**
 * Temporal keeps the call stack of each pending promise, of ten lines without this: memory of each run, and a tenth of the workflow
 * thread. Each promise of a chain has a stack of its own, so that the Temporal UI still shows the whole way.
 */
Object.assign(Error, { stackTraceLimit: 5 });

export { bookings } from './bookings.ts';
export { liveEvent } from './live-event/live-event.ts';
export { encoderHub } from './poller.ts';
export { liveEventVod } from './recording-retry.ts';
export { liveEventReleased } from './released.ts';
export { sweep } from './sweep.ts';
export { liveEventNotices } from './webhooks/delivery.ts';
