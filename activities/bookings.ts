import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { budgetRooms, monthsOfAll, unreadRoom } from '../domain/booking/budget.ts';
import type { BookingRules } from '../domain/booking/request.ts';
import { messageOf } from '../domain/message-of.ts';
import { limitsOf } from '../domain/usage/tenant-budget.ts';
import { billsOf } from '../plan/bills.ts';
import { lookAtBudgets, unheldText } from './budgets.ts';
import type { BookingActivities, BookingQuestion } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { MonthReadings } from './month-readings.ts';

/** The run asks the workflow that keeps the bookings, which asks for the worker's rules. */
export function bookingActivities(deps: ActivityDeps): BookingActivities {
  const { bookings } = deps;
  const readings = new MonthReadings(deps.budgets);
  const port = () => {
    if (bookings) return bookings;
    throw ApplicationFailure.nonRetryable('this worker has no Temporal client to book with', 'unknown');
  };
  return {
    bookUses: (request) => port().book(request),
    releaseUses: (of) => port().release(of),
    bookingRules: (of) => rulesOf(deps, readings, of),
    lookAtBudgets: lookAtBudgets(deps, readings),
  };
}

/** The bookings of all tenants wait for it. */
const readWithinMs = 2_000;

async function rulesOf(
  { bookingRules, budgets }: ActivityDeps,
  readings: MonthReadings,
  of: BookingQuestion[],
): Promise<BookingRules[]> {
  const read = async (tenant: string, month: string) => {
    const refused = (why: string) =>
      log.warn(`no booking of tenant ${tenant} with a part of its budget in ${month} is made now: the month ${why}`);
    try {
      const found = await readings.of(tenant, month, readWithinMs);
      if (!found) refused(`is not read after ${readWithinMs / 1000} s`);
      else if (!found.used) log.warn(unheldText(tenant, month));
      return found;
    } catch (error) {
      // It is no failure of the bookings of other tenants.
      refused(`cannot be read: ${messageOf(error)}`);
      return undefined;
    }
  };
  const months = new Map<string, ReturnType<typeof read>>();
  const usedBy = (tenant: string, month: string): ReturnType<typeof read> => {
    const key = `${month} ${tenant}`;
    const reading = months.get(key) ?? read(tenant, month);
    months.set(key, reading);
    return reading;
  };
  return Promise.all(
    of.map(async ({ vendor, account, tenant, planned = [], held: heldNow = [], mayBeUnread }) => {
      const rules = bookingRules(vendor, account);
      const budget = tenant === undefined ? undefined : budgets?.of(tenant);
      if (tenant === undefined || !budget) return rules;
      const { prices } = budgets ?? {};
      // No figure of one that only warns decides a booking.
      const wanted = budget.onLimit === 'warn' ? [] : monthsOfAll(planned);
      const found = new Map(
        await Promise.all(wanted.map(async (month) => [month, await usedBy(tenant, month)] as const)),
      );
      const unread = wanted.filter((month) => !found.get(month));
      if (unread.length > 0 && !mayBeUnread) throw unreadFailure(tenant, unread);
      const usedIn = (month: string) => found.get(month)?.used?.events ?? [];
      const owner = { tenant, budget, ...(prices && { prices }) };
      const rooms = budgetRooms(owner, limitsOf(budget, prices), planned, { billsOf, usedIn, held: heldNow });
      // The budget is not held in a month with more events than are read.
      const unheld = wanted.filter((month) => found.get(month)?.used === undefined && !unread.includes(month));
      const held = rooms.filter(({ month }) => !unheld.includes(month));
      return { ...rules, budgets: held.map((room) => (unread.includes(room.month) ? unreadRoom(room) : room)) };
    }),
  );
}

/** The update fails with it, and with it all that were asked together: it is not tried again here, where all others wait. */
const unreadFailure = (tenant: string, months: readonly string[]): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `what tenant ${tenant} has used in ${months.join(' and ')} (UTC) could not be read in time; nothing was booked: try again in some seconds`,
    'unavailable',
  );
