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
import type { BookingActivities, BookingQuestion } from '../activities/contract.ts';
import { heldBudgets, isBudget } from '../domain/booking/budget.ts';
import { type Booking, lastEnd, stillHeld, withoutBooking } from '../domain/booking/calendar.ts';
import {
  type BookingAnswer,
  type BookingRequest,
  decideBooking,
  defaultBookingRules,
  isSlot,
} from '../domain/booking/request.ts';
import { BudgetFollower } from './budgets.ts';

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
  const isLong = () => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > longestHistory;
  const budgets = new BudgetFollower(() => held, isLong);
  setHandler(
    bookUpdate,
    async (requests) => {
      isAsked = true;
      const then = held;
      const rules = await bookingRules(requests.map((request) => questionOf(request, then)));
      const answers = requests.map((request, at) => {
        const decided = decideBooking(held, request, rules[at] ?? defaultBookingRules, Date.now(), then);
        held = decided.bookings;
        return decided.answer;
      });
      budgets.follow();
      return answers;
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
    held = withoutBooking(held, { event, claim }, (use) => keepsSlot && (isSlot(use) || isBudget(use)));
  });

  budgets.follow();
  // What started this run may come a moment after it.
  await condition(() => isAsked || held.length > 0, firstRequestWithinMs);
  for (;;) {
    held = stillHeld(held, Date.now());
    const end = lastEnd(held);
    const isIdle = () => allHandlersFinished() && !budgets.isFollowing;
    if (end === undefined && isIdle()) return;
    const isFree = () => held.length === 0 && isIdle();
    await condition(() => isLong() || isFree(), Math.max(1, (end ?? 0) - Date.now()));
    if (!isLong()) continue;
    await condition(isIdle);
    await continueAsNew<typeof bookings>(stillHeld(held, Date.now()));
  }
}

/** A tenant may have a budget: only the worker's configuration says so. */
function questionOf(request: BookingRequest, held: readonly Booking[]): BookingQuestion {
  const { vendor, account, tenant, planned, asksAgain, insists, isWithinBudget } = request;
  const asked = { vendor, account };
  if (tenant === undefined || !planned) return asked;
  const mayBeUnread = asksAgain || insists || isWithinBudget;
  return { ...asked, tenant, planned, held: heldBudgets(held, tenant), ...(mayBeUnread && { mayBeUnread }) };
}
