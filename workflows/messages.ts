import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Accepted, By } from '../domain/actions.ts';
import type { LegReport } from '../domain/legs/leg-report.ts';
import type { EventStatus } from '../domain/report.ts';
import type { VendorEvent } from '../domain/vendor-events/vendor-event.ts';

export const statusQuery = defineQuery<EventStatus>('status');

/**
 * Something may have changed at the vendor: the run looks at once, and the vendor's answer decides. Vendor events, one
 * or a list, are kept as evidence; the run then looks only if one of them is new and calls for it. `dropped`: how many others
 * the sender had no room for.
 */
export const recheckSignal =
  defineSignal<[vendorEvents?: VendorEvent | readonly VendorEvent[], dropped?: number]>('look');

/** What viewers get has changed, as the poller saw it. Unchecked, because any Temporal client may send it. */
export const onAirSignal = defineSignal<[change: unknown]>('onAir');

/** The budget of the event's tenant has reached a share. Unchecked, because any Temporal client may send it. */
export const budgetSignal = defineSignal<[reached: unknown]>('tenantBudget');

/** The run of a leg has changed: its status, without the plan, for the event's run. */
export const legSignal = defineSignal<[report: LegReport]>('leg');

export const switchLegUpdate = defineUpdate<Accepted, [By & { leg: string }]>('switchLeg');
/** Says who cancels and why, just before Temporal's cancellation, which has room for neither. */
export const announceCancelUpdate = defineUpdate<Accepted, [By]>('announceCancel');
export const stopNowUpdate = defineUpdate<Accepted, [By & { keepRecording?: boolean }]>('stopNow');
export const extendUpdate = defineUpdate<Accepted, [By & { endsAt: string }]>('extend');
export const rescheduleUpdate = defineUpdate<Accepted, [By & { startsAt: string; endsAt: string }]>('reschedule');
export const skipWaitUpdate = defineUpdate<Accepted, [By]>('skipWait');
export const resetEncoderUpdate = defineUpdate<Accepted, [By]>('resetEncoder');
export const retryVodUpdate = defineUpdate<Accepted, [By]>('retryVod');
export const abandonCleanupUpdate = defineUpdate<Accepted, [By]>('abandonCleanup');
/** The former name of `abandonCleanup`: it stands in histories, and in scripts of operators. */
export const releaseUpdate = defineUpdate<Accepted, [By]>('release');
