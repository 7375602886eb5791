import { eventKey, legKeyOf, partsOfKey, partsOfLegKey } from '../ids.ts';
import type { PreparedPlan } from '../plan.ts';
import { formatInstant } from '../time.ts';
import { type Cues, cuesOf } from '../timeline.ts';
import type { PlannedUse } from '../usage/planned.ts';
import { type BudgetRoom, type BudgetShortage, budgetUses, isBudget, shortageLines, shortagesOf } from './budget.ts';
import { type BookedOverlap, type Booking, type HeldUse, overlapsOf, stillHeld, withBooking } from './calendar.ts';

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
  /** What it, and each other leg that begins with it, is to use: the tenant may have a budget. */
  planned?: PlannedUse[];
  /** A leg of an event that the budget had room for, or that replaces one: the budget is not asked. */
  isWithinBudget?: boolean;
  /** The asker asks again where a month is `unread`; one of a former version would take that for a refusal. */
  asksAgain?: true;
  /** So many of those in the way were named before: the answer names those after them. */
  passed?: number;
}

/** How the worker's configuration decides. Stands in histories. */
export interface BookingRules {
  onConflict: 'refuse' | 'warn';
  /** How many events may have a channel of the account at once; absent where that is not configured. */
  slots?: number;
  /** How the tenant's budgets stand; absent where it has none. */
  budgets?: BudgetRoom[];
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
  /** The tenant holds as much as it may: what it holds is among the `holders`. */
  isFull?: true;
  conflicts: Conflict[];
  /** The budgets of its tenant that have no room for it. */
  shortages?: BudgetShortage[];
  /** Nothing is known to be in the way, but these months of its tenant's budget cannot be read now: it is to be asked for again. */
  unread?: string[];
  /** Those in the way, at most `mostLookedAt` of them: the asker looks whether they still run, and asks for the next. */
  holders: Pick<Booking, 'event' | 'claim' | 'bookedAt'>[];
  /** More are in the way than are named. */
  hasMore?: true;
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
/** So many are looked at together, whether they still run. */
const mostLookedAt = 50;

/**
 * Decides one request. The bookings afterwards are the same ones when it is refused.
 *
 * @param whenRead the bookings when the rules were read
 */
export function decideBooking(
  bookings: readonly Booking[],
  request: BookingRequest,
  rules: BookingRules,
  now: number,
  whenRead: readonly Booking[] = bookings,
): { bookings: Booking[]; answer: BookingAnswer } {
  const held = stillHeld(bookings, now);
  const { event, tenant, insists = false, replaces = false, isWithinBudget = false, passed = 0 } = request;
  const own = tenant === undefined ? [] : held.filter((one) => one.tenant === tenant);
  // A run replaces what its event has.
  const isFull = own.length >= mostOfTenant && !replaces;
  const rooms = rules.budgets ?? [];
  const uses = [...usesOf(request, rules), ...budgetUses(rooms, event)];
  const overlaps = overlapsOf(held, { event, uses }, (use) => capacityOf(use, rules));
  const shortagesIn = (isUnread: boolean) => {
    const those = rooms.filter((room) => (room.isUnread ?? false) === isUnread);
    return isWithinBudget ? [] : shortagesOf(those, whenRead, held);
  };
  const shortages = shortagesIn(false);
  const isFree = overlaps.length === 0 || rules.onConflict === 'warn';
  const isAllowed = !isFull && (insists || (isFree && shortages.length === 0));
  const unread = isAllowed && !insists ? [...new Set(shortagesIn(true).map(({ month }) => month))] : [];
  const booked = isAllowed && unread.length === 0;
  const inTheWay = [
    ...overlaps.map(({ booking }) => booking),
    ...(isFull ? own : []),
    ...holdersOfBudgets(held, shortages, request),
  ];
  const holders = holdersOf(inTheWay);
  const end = passed + mostLookedAt;
  const answer: BookingAnswer = {
    booked,
    ...(isFull && { isFull }),
    conflicts: withoutRepeats(overlaps.map((one) => conflictOf(one, request, uses))),
    ...(shortages.length > 0 && { shortages }),
    ...(unread.length > 0 && { unread }),
    holders: holders.slice(passed, end),
    ...(holders.length > end && { hasMore: true as const }),
  };
  return { bookings: booked ? withAll(held, request, uses, rooms, now) : held, answer };
}

/** Of a budget the amounts are counted, not the events. */
const capacityOf = (use: string, { slots = 1 }: BookingRules): number =>
  isBudget(use) ? Number.POSITIVE_INFINITY : isSlot(use) ? slots : 1;

/** With the booking of the event, and what its other legs are to use of the budgets. */
function withAll(
  held: readonly Booking[],
  { event, tenant, claim, replaces = false, planned = [] }: BookingRequest,
  uses: HeldUse[],
  rooms: readonly BudgetRoom[],
  now: number,
): Booking[] {
  const bookingOf = (of: string, ofUses: HeldUse[]): Booking => ({
    event: of,
    ...(tenant !== undefined && { tenant }),
    claim,
    bookedAt: now,
    uses: ofUses,
  });
  const legs = planned
    .filter((one) => one.event !== event)
    .map((one) => bookingOf(one.event, budgetUses(rooms, one.event)));
  const own = withBooking(held, bookingOf(event, uses), replaces);
  return legs.filter((leg) => leg.uses.length > 0).reduce((all, leg) => withBooking(all, leg, false), own);
}

/** One that is over, or was never started, must not keep another event out of the budget. */
const holdersOfBudgets = (
  held: readonly Booking[],
  shortages: readonly BudgetShortage[],
  { event, tenant }: BookingRequest,
): Booking[] =>
  shortages.length === 0
    ? []
    : held.filter((one) => one.event !== event && one.tenant === tenant && one.uses.some(({ use }) => isBudget(use)));

/** Of another tenant's event no more is said than that it is in the way of this one: not when it begins and ends. */
function conflictOf(
  { use, from, to, booking }: BookedOverlap,
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

const holdersOf = (bookings: readonly Booking[]): BookingAnswer['holders'] => {
  const found = new Map(bookings.map((booking) => [`${booking.event}\n${booking.claim}`, booking]));
  return [...found.values()].map(({ event, claim, bookedAt }) => ({ event, claim, bookedAt }));
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
    ...(tenant !== undefined && { planned: plannedUses(plan, event, cues) }),
  };
}

/** The event itself first, or its legs that begin with it: one that replaces another is not planned. */
function plannedUses(plan: PreparedPlan, event: string, cues: Cues): PlannedUse[] {
  const { vendor, account, vendorOptions, standby, sources, startsAt } = plan;
  const { allocateAt, openAt: opensAt, endAt: endsAt } = cues;
  const times = { startsAt, endsAt };
  if (!plan.legs)
    return [
      { event, vendor, account, vendorOptions, standby, pulls: sources.length > 0, allocateAt, opensAt, ...times },
    ];
  const key = partsOfLegKey(event)?.event ?? event;
  return plan.legs.legs
    .filter(({ start }) => start === 'with-event')
    .map((leg) => ({
      event: legKeyOf(key, leg.name),
      vendor: leg.vendor,
      account: leg.account,
      vendorOptions: leg.plan.vendorOptions ?? {},
      standby: leg.plan.standby ?? false,
      pulls: (leg.plan.sources ?? []).length > 0,
      allocateAt: startsAt - Math.max(leg.warmUpMs, leg.startLeadMs),
      opensAt: startsAt - leg.startLeadMs,
      ...times,
    }));
}

/** Everything that is in the way, for people: a line each. */
export const refusalLines = ({
  conflicts,
  shortages = [],
}: Pick<BookingAnswer, 'conflicts' | 'shortages'>): string[] => [
  ...conflictLines(conflicts),
  ...shortageLines(shortages),
];

/** For people: why a tenant that holds as much as it may can book nothing more. */
export const fullLine = (tenant: string | undefined): string =>
  `tenant ${tenant} has ${mostOfTenant} bookings, the most that are kept: end or cancel events, or plan them later`;

/** For people: a line each. */
export const conflictLines = (conflicts: readonly Conflict[]): string[] =>
  conflicts.map(({ use, eventId, from, to }) => {
    const holder = eventId === undefined ? "another tenant's event" : `the event ${eventId}`;
    return `${use} is held by ${holder} from ${from} to ${to}`;
  });
