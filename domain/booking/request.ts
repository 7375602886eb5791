import { eventKey, partsOfKey } from '../ids.ts';
import type { PreparedPlan } from '../plan.ts';
import { formatInstant } from '../time.ts';
import { cuesOf } from '../timeline.ts';
import { type Booking, type HeldUse, type Overlap, overlapsOf, stillHeld, withBooking } from './calendar.ts';

/** What an event wants to hold. Stands in histories. Epoch milliseconds. */
export interface BookingRequest {
  /** The event's key. */
  event: string;
  tenant?: string;
  /** Which attempt, or which run, asks. */
  claim: string;
  vendor: string;
  account: string;
  /** As the plan names them: of the event's tenant. */
  uses: string[];
  /** When the channel is made: from then on the event takes a slot of its account. */
  allocateAt: number;
  startsAt: number;
  endsAt: number;
  /** The run asks: its booking takes the place of those of the attempts to make it. */
  replaces?: boolean;
  /** The show goes on whatever is in the way: it is booked, and the conflicts are reported. */
  insists?: boolean;
}

/** How the worker's configuration decides. Stands in histories. */
export interface BookingRules {
  onConflict: 'refuse' | 'warn';
  /** How many events may have a channel of the account at once; absent where that is not configured. */
  slots?: number;
}

export const defaultBookingRules: BookingRules = { onConflict: 'refuse' };

/** Another event that holds the same at the same time, as the plan's owner may know it. */
export interface Conflict {
  /** As plans name it, or `a channel of <vendor> / <account>`. */
  use: string;
  /** Absent where it is another tenant's. */
  eventId?: string;
  from: string;
  to: string;
}

export interface BookingAnswer {
  booked: boolean;
  /** The tenant holds as much as it may: `holders` are the oldest of it. */
  isFull?: true;
  conflicts: Conflict[];
  /** Who holds it: the asker looks whether they still run. */
  holders: Pick<Booking, 'event' | 'claim' | 'bookedAt'>[];
}

/** No use in a plan has a colon. */
const slotPrefix = 'slot:';
const slotOf = (vendor: string, account: string): string => `${slotPrefix}${vendor}/${account}`;
export const isSlot = (use: string): boolean => use.startsWith(slotPrefix);

/** Named uses are held while the show is to be on, a slot of the account from the allocation on. */
function usesOf(request: BookingRequest, { slots }: BookingRules): HeldUse[] {
  const { uses, tenant, vendor, account, allocateAt, startsAt, endsAt } = request;
  const named = uses.map((use) => ({ use: eventKey(use, tenant), from: startsAt, to: endsAt }));
  return slots === undefined ? named : [...named, { use: slotOf(vendor, account), from: allocateAt, to: endsAt }];
}

/** All tenants share the room for bookings: none takes that of others. Far more than the quota of events comes to. */
export const mostOfTenant = 1_000;
/** So many are looked at, whether they still run, before a tenant is refused. */
const mostLookedAt = 50;

/** Decides one request. The bookings afterwards are the same ones when it is refused. */
export function decideBooking(
  bookings: readonly Booking[],
  request: BookingRequest,
  rules: BookingRules,
  now: number,
): { bookings: Booking[]; answer: BookingAnswer } {
  const held = stillHeld(bookings, now);
  const { event, tenant, claim, insists = false, replaces = false } = request;
  const own = tenant === undefined ? [] : held.filter((one) => one.tenant === tenant);
  // A run replaces what its event has.
  if (own.length >= mostOfTenant && !replaces) {
    const holders = own.slice(0, mostLookedAt).map(holderOf);
    return { bookings: held, answer: { booked: false, isFull: true, conflicts: [], holders } };
  }
  const uses = usesOf(request, rules);
  const booking: Booking = { event, ...(tenant !== undefined && { tenant }), claim, bookedAt: now, uses };
  const overlaps = overlapsOf(held, booking, (use) => (isSlot(use) ? (rules.slots ?? 1) : 1));
  const booked = overlaps.length === 0 || insists || rules.onConflict === 'warn';
  const conflicts = overlaps.map((one) => conflictOf(one, request, uses));
  const answer = { booked, conflicts: withoutRepeats(conflicts), holders: holdersOf(overlaps) };
  return { bookings: booked ? withBooking(held, booking, replaces) : held, answer };
}

/** Of another tenant's event no more is said than that it is in the way of this one: not when it begins and ends. */
function conflictOf(
  { use, from, to, booking }: Overlap,
  { tenant, vendor, account }: BookingRequest,
  wanted: readonly HeldUse[],
): Conflict {
  const { id: eventId } = partsOfKey(booking.event);
  const isOwn = booking.tenant === tenant;
  const asked = wanted.find((one) => one.use === use);
  return {
    use: isSlot(use) ? `a channel of ${vendor} / ${account}` : partsOfKey(use).id,
    ...(isOwn && { eventId }),
    from: formatInstant(isOwn ? from : Math.max(from, asked?.from ?? from)),
    to: formatInstant(isOwn ? to : Math.min(to, asked?.to ?? to)),
  };
}

/** How many events of others there are is not said either. */
const withoutRepeats = (conflicts: readonly Conflict[]): Conflict[] => [
  ...new Map(conflicts.map((one) => [JSON.stringify(one), one])).values(),
];

const holderOf = ({ event, claim, bookedAt }: Booking) => ({ event, claim, bookedAt });

const holdersOf = (overlaps: readonly Overlap[]): BookingAnswer['holders'] => {
  const found = new Map(overlaps.map(({ booking }) => [`${booking.event}\n${booking.claim}`, booking]));
  return [...found.values()].map(holderOf);
};

/** What a prepared plan wants to hold. */
export function bookingRequestOf(
  plan: PreparedPlan,
  { event, claim, endsAt }: { event: string; claim: string; endsAt?: number },
): BookingRequest {
  const { vendor, account, tenant, uses = [], startsAt } = plan;
  const cues = cuesOf(plan, endsAt === undefined ? {} : { endsAt });
  return {
    event,
    ...(tenant !== undefined && { tenant }),
    claim,
    vendor,
    account,
    uses,
    allocateAt: cues.allocateAt,
    startsAt,
    endsAt: cues.endAt,
  };
}

/** For people: a line each. */
export const conflictLines = (conflicts: readonly Conflict[]): string[] =>
  conflicts.map(({ use, eventId, from, to }) => {
    const holder = eventId === undefined ? "another tenant's event" : `the event ${eventId}`;
    return `${use} is held by ${holder} from ${from} to ${to}`;
  });
