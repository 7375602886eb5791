import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { budgetRooms, monthsOfAll } from '../domain/booking/budget.ts';
import { type BookingRules, defaultBookingRules } from '../domain/booking/request.ts';
import { limitsOf } from '../domain/usage/tenant-budget.ts';
import { billsOf } from '../plan/bills.ts';
import { lookAtBudgets, unheldText } from './budgets.ts';
import type { BookingActivities, BookingQuestion } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import type { MonthUsed } from './ports.ts';

/** The run asks the workflow that keeps the bookings, which asks for the worker's rules. */
export function bookingActivities(deps: ActivityDeps): BookingActivities {
  const { bookings } = deps;
  const port = () => {
    if (bookings) return bookings;
    throw ApplicationFailure.nonRetryable('this worker has no Temporal client to book with', 'unknown');
  };
  return {
    bookUses: (request) => port().book(request),
    releaseUses: (of) => port().release(of),
    bookingRules: (of) => rulesOf(deps, of),
    lookAtBudgets: lookAtBudgets(deps),
  };
}

async function rulesOf({ bookingRules, budgets }: ActivityDeps, of: BookingQuestion[]): Promise<BookingRules[]> {
  const months = new Map<string, Promise<MonthUsed | undefined>>();
  const read = async (tenant: string, month: string): Promise<MonthUsed | undefined> => {
    const used = await budgets?.used(tenant, month);
    if (!used) log.warn(unheldText(tenant, month));
    return used;
  };
  const usedBy = (tenant: string, month: string): Promise<MonthUsed | undefined> => {
    const key = `${month} ${tenant}`;
    const reading = months.get(key) ?? read(tenant, month);
    months.set(key, reading);
    return reading;
  };
  return Promise.all(
    of.map(async ({ vendor, account, tenant, planned = [], held = [] }) => {
      const rules = bookingRules?.(vendor, account) ?? defaultBookingRules;
      const budget = tenant === undefined ? undefined : budgets?.of(tenant);
      if (tenant === undefined || !budget) return rules;
      const { prices } = budgets ?? {};
      const used = new Map<string, MonthUsed | undefined>();
      for (const month of monthsOfAll(planned)) used.set(month, await usedBy(tenant, month));
      const usedIn = (month: string) => used.get(month)?.events ?? [];
      const owner = { tenant, budget, ...(prices && { prices }) };
      const rooms = budgetRooms(owner, limitsOf(budget, prices), planned, { billsOf, usedIn, held });
      // Of a month that cannot be read it is not known what room there is.
      return { ...rules, budgets: rooms.filter(({ month }) => used.get(month) !== undefined) };
    }),
  );
}
