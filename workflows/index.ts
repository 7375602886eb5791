/** What the worker registers; the one barrel the design allows here. */

export { bookings } from './bookings.ts';
export { liveEvent } from './live-event/live-event.ts';
export { encoderHub } from './poller.ts';
export { liveEventVod } from './recording-retry.ts';
export { liveEventReleased } from './released.ts';
export { sweep } from './sweep.ts';
export { liveEventNotices } from './webhooks/delivery.ts';
