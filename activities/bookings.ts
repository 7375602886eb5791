import { ApplicationFailure } from '@temporalio/common';
import { defaultBookingRules } from '../domain/booking/request.ts';
import type { BookingActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';

/** The run asks the workflow that keeps the bookings, which asks for the worker's rules. */
export function bookingActivities({ bookings, bookingRules }: ActivityDeps): BookingActivities {
  const port = () => {
    if (bookings) return bookings;
    throw ApplicationFailure.nonRetryable('this worker has no Temporal client to book with', 'unknown');
  };
  return {
    bookUses: (request) => port().book(request),
    releaseUses: (of) => port().release(of),
    bookingRules: async (of) => of.map(({ vendor, account }) => bookingRules?.(vendor, account) ?? defaultBookingRules),
  };
}
