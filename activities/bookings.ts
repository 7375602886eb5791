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
  const used = (tenant: string, month: string): Promise<MonthUsed | undefined> => {
    const key = `${month} ${tenant}`;
    const reading = months.get(key) ?? budgets?.used(tenant, month) ?? Promise.resolve({ events: [], assumed: 0 });
    months.set(key, reading);
    return reading;
  };
  return Promise.all(
    of.map(async ({ vendor, account, tenant, planned = [], held = [] }) => {
      const rules = bookingRules?.(vendor, account) ?? defaultBookingRules;
      const budget = tenant === undefined ? undefined : budgets?.of(tenant);
      if (tenant === undefined || !budget) return rules;
      const { prices } = budgets ?? {};
      const read = new Map<string, MonthUsed>();
      for (const month of monthsOfAll(planned)) {
        const ofMonth = await used(tenant, month);
        if (!ofMonth) {
          log.warn(unheldText(tenant, month));
          return rules;
        }
        read.set(month, ofMonth);
      }
      const usedIn = (month: string) => read.get(month)?.events ?? [];
      const owner = { tenant, budget, ...(prices && { prices }) };
      return { ...rules, budgets: budgetRooms(owner, limitsOf(budget, prices), planned, { billsOf, usedIn, held }) };
    }),
  );
}
