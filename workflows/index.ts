/** What the worker registers; the one barrel the design allows here. */
export { encoderHub } from './encoder-hub.ts';
export { liveEvent } from './live-event.ts';
export { liveEventNotices } from './live-event-notices.ts';
export { liveEventVod } from './live-event-vod.ts';
export { sweep } from './sweep.ts';
