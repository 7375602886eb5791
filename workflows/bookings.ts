import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { BookingActivities } from '../activities/contract.ts';
import { type Booking, lastEnd, stillHeld, withoutBooking } from '../domain/booking/calendar.ts';
import {
  type BookingAnswer,
  type BookingRequest,
  decideBooking,
  defaultBookingRules,
  isSlot,
} from '../domain/booking/request.ts';

/** One authority for the rules, the worker's configuration, for every request. */
const { bookingRules } = proxyLocalActivities<BookingActivities>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '20s',
});

const bookUpdate = defineUpdate<BookingAnswer[], [BookingRequest[]]>('book');
const conflictsQuery = defineQuery<BookingAnswer, [BookingRequest]>('conflicts');
const bookingsQuery = defineQuery<Booking[]>('bookings');
const releaseSignal = defineSignal<[{ event: string; claim?: string; keepsSlot?: boolean }]>('release');

/** Stays far below Temporal's limit for one input. */
const mostBookings = 5_000;
const longestHistory = 4_000;
const firstRequestWithinMs = 60_000;

/**
 * Decides for all events of a task queue who uses what, and when, one request after the other. Ends when nothing is held
 * any more; the next request starts it again.
 */
export async function bookings(carried: Booking[] = []): Promise<void> {
  let held = carried;
  let isAsked = false;
  setHandler(
    bookUpdate,
    async (requests) => {
      isAsked = true;
      const rules = await bookingRules(requests.map(({ vendor, account }) => ({ vendor, account })));
      return requests.map((request, at) => {
        const decided = decideBooking(held, request, rules[at] ?? defaultBookingRules, Date.now());
        held = decided.bookings;
        return decided.answer;
      });
    },
    {
      validator: (_requests) => {
        if (held.length >= mostBookings && stillHeld(held, Date.now()).length >= mostBookings)
          throw new Error(
            `${mostBookings} bookings are kept, no more can be: end or cancel events, or plan them later`,
          );
      },
    },
  );
  setHandler(conflictsQuery, (request) => decideBooking(held, request, { onConflict: 'refuse' }, Date.now()).answer);
  setHandler(bookingsQuery, () => stillHeld(held, Date.now()));
  setHandler(releaseSignal, ({ event, claim, keepsSlot = false }) => {
    held = withoutBooking(held, { event, claim }, (use) => keepsSlot && isSlot(use));
  });

  const isLong = () => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > longestHistory;
  // What started this run may come a moment after it.
  await condition(() => isAsked || held.length > 0, firstRequestWithinMs);
  for (;;) {
    held = stillHeld(held, Date.now());
    const end = lastEnd(held);
    if (end === undefined && allHandlersFinished()) return;
    const isFree = () => held.length === 0 && allHandlersFinished();
    await condition(() => isLong() || isFree(), Math.max(1, (end ?? 0) - Date.now()));
    if (!isLong()) continue;
    await condition(allHandlersFinished);
    await continueAsNew<typeof bookings>(stillHeld(held, Date.now()));
  }
}
