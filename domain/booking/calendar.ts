/** What one event holds for a span. Epoch milliseconds, the end excluded. */
export interface HeldUse {
  /** `studio-a`, `acme/studio-a` in the name space of a tenant, or a slot of an account. */
  use: string;
  from: number;
  to: number;
  /** Of a month's budget: how much of it. */
  amount?: number;
}

/** What one event holds. An event may have several while it is being made: one for each attempt to make it, one of its run. */
export interface Booking {
  /** The event's key. */
  event: string;
  tenant?: string;
  /** Which attempt, or which run, made it: it alone is released when that attempt fails. */
  claim: string;
  bookedAt: number;
  uses: HeldUse[];
}

/** Another event that holds what is wanted, at the same time. */
export interface BookedOverlap extends HeldUse {
  booking: Booking;
}

/** How many events may hold a use at once; one, unless something else is known. */
export type CapacityOf = (use: string) => number;

/**
 * Everything that stands in the way of a booking: of each use the holders at every instant at which it has no room left.
 * An event is never in its own way, and is counted once however many bookings it has.
 */
export function overlapsOf(
  bookings: readonly Booking[],
  wanted: Pick<Booking, 'event' | 'uses'>,
  capacityOf: CapacityOf,
): BookedOverlap[] {
  const others = bookings.filter(({ event }) => event !== wanted.event);
  return wanted.uses.flatMap((use) => overlapsOfUse(others, use, capacityOf(use.use)));
}

function overlapsOfUse(others: readonly Booking[], { use, from, to }: HeldUse, capacity: number): BookedOverlap[] {
  const held = others.flatMap((booking) =>
    booking.uses
      .filter((one) => one.use === use && one.from < to && from < one.to)
      .map((one): BookedOverlap => ({ ...one, booking })),
  );
  const inTheWay = new Set<BookedOverlap>();
  // The number of holders grows only where one begins: no other instant can be fuller.
  for (const instant of new Set([from, ...held.map((one) => Math.max(one.from, from))])) {
    const now = held.filter((one) => one.from <= instant && instant < one.to);
    const events = new Set(now.map(({ booking }) => booking.event));
    if (events.size >= capacity) for (const one of now) inTheWay.add(one);
  }
  return held.filter((one) => inTheWay.has(one));
}

/** With one more booking. That of a run takes the place of everything that the event had. */
export const withBooking = (bookings: readonly Booking[], booking: Booking, replaces: boolean): Booking[] => [
  ...bookings.filter(({ event, claim }) => event !== booking.event || !(replaces || claim === booking.claim)),
  booking,
];

/** Without what one attempt, or every attempt, holds of an event; `kept` is what it goes on holding. */
export const withoutBooking = (
  bookings: readonly Booking[],
  { event, claim }: { event: string; claim?: string },
  kept: (use: string) => boolean = () => false,
): Booking[] =>
  bookings
    .map((booking) =>
      booking.event === event && (claim === undefined || booking.claim === claim)
        ? { ...booking, uses: booking.uses.filter(({ use }) => kept(use)) }
        : booking,
    )
    .filter(({ uses }) => uses.length > 0);

/** Without what is over. */
export const stillHeld = (bookings: readonly Booking[], now: number): Booking[] =>
  bookings.filter(({ uses }) => uses.some(({ to }) => to > now));

/** When the last of them is over; undefined when there is none. */
export const lastEnd = (bookings: readonly Booking[]): number | undefined =>
  bookings.length === 0 ? undefined : Math.max(...bookings.flatMap(({ uses }) => uses.map(({ to }) => to)));
