import { partsOfLegKey } from '../ids.ts';
import { inside } from '../spans.ts';
import { amountOf, type BudgetUnit, type OwnedSpan } from '../usage/amount.ts';
import type { Bill } from '../usage/billing.ts';
import { monthsOf, spanOfMonth } from '../usage/month.ts';
import { type PlannedUse, plannedSpans } from '../usage/planned.ts';
import type { PriceList } from '../usage/prices.ts';
import { type BudgetLimit, figure, rounding, type TenantBudget } from '../usage/tenant-budget.ts';
import type { Booking, HeldUse } from './calendar.ts';

/** How a month's budget stands for one request. Figures of the limit's unit. */
export interface BudgetRoom extends BudgetLimit {
  tenant: string;
  month: string;
  onLimit: TenantBudget['onLimit'];
  /** Used by all events of the month until now. */
  used: number;
  /** Of the other events: what each used, or is planned to use where that is more. */
  others: number;
  /** What the event itself has used, each of its runs. */
  own: number;
  /** What it is planned to use, by run. */
  wanted: { event: string; amount: number; from: number; to: number }[];
  /** What was used cannot be read now: `used` and `others` are no figures. */
  isUnread?: true;
}

/** A worker of a former version, which replays the decision and knows no `isUnread`, finds no room in it either. */
export const unreadRoom = (room: BudgetRoom): BudgetRoom => ({
  ...room,
  used: Number.MAX_SAFE_INTEGER,
  others: Number.MAX_SAFE_INTEGER,
  isUnread: true,
});

/** Why an event has no room in a budget. */
export interface BudgetShortage extends Pick<BudgetRoom, 'tenant' | 'month' | 'unit' | 'limit' | 'currency'> {
  /** Used, or planned, by other events. */
  committed: number;
  wanted: number;
}

/** What each event holds of a tenant's budgets: the largest of its bookings. */
export interface HeldBudget {
  event: string;
  use: string;
  amount: number;
}

const prefix = 'budget:';
const useOf = (unit: BudgetUnit, month: string): string => `${prefix}${unit}:${month}`;
export const isBudget = (use: string): boolean => use.startsWith(prefix);

/** An event is billed while it closes down. */
const closesWithinMs = 3_600_000;

export function heldBudgets(bookings: readonly Booking[], tenant: string): HeldBudget[] {
  const held = new Map<string, HeldBudget>();
  for (const { event, uses } of bookings.filter((booking) => booking.tenant === tenant)) {
    for (const { use, amount = 0 } of uses.filter((one) => isBudget(one.use))) {
      const key = `${event}\n${use}`;
      held.set(key, { event, use, amount: Math.max(amount, held.get(key)?.amount ?? 0) });
    }
  }
  return [...held.values()];
}

/** What one event used in a month. */
export interface EventSpans {
  event: string;
  spans: readonly OwnedSpan[];
}

/** How the budgets of the months stand that an event is planned in. */
export function budgetRooms(
  { tenant, budget, prices }: { tenant: string; budget: TenantBudget; prices?: PriceList },
  limits: readonly BudgetLimit[],
  planned: readonly PlannedUse[],
  {
    billsOf,
    usedIn,
    held,
  }: {
    billsOf(vendor: string): readonly Bill[];
    usedIn(month: string): readonly EventSpans[];
    held: readonly HeldBudget[];
  },
): BudgetRoom[] {
  const isWanted = ({ event }: HeldBudget) => planned.some((one) => one.event === event);
  const own = new Set(planned.map(({ event }) => eventOf(event)));
  return monthsOfAll(planned).flatMap((month) => {
    const usage = usedIn(month);
    return limits.map((limit): BudgetRoom => {
      const used = new Map<string, number>();
      for (const { event, spans } of usage) add(used, eventOf(event), amountOf(spans, limit.unit, prices));
      // The legs of an event are booked one by one, and used together.
      const kept = new Map<string, number>();
      for (const one of held.filter((each) => each.use === useOf(limit.unit, month) && !isWanted(each)))
        add(kept, eventOf(one.event), one.amount);
      const events = [...new Set([...used.keys(), ...kept.keys()])];
      const keptOf = (event: string) => kept.get(event) ?? 0;
      const usedOf = (event: string) => used.get(event) ?? 0;
      const committed = (event: string) => (own.has(event) ? keptOf(event) : Math.max(usedOf(event), keptOf(event)));
      const left = (event: string) => (own.has(event) ? Math.max(0, usedOf(event) - keptOf(event)) : 0);
      const wanted = planned.map((use) => {
        const spans = inside(plannedSpans(use, billsOf(use.vendor)), spanOfMonth(month)) as OwnedSpan[];
        const { event, allocateAt, endsAt } = use;
        return { event, amount: amountOf(spans, limit.unit, prices), from: allocateAt, to: endsAt + closesWithinMs };
      });
      return {
        ...limit,
        tenant,
        month,
        onLimit: budget.onLimit,
        used: sumOf(events.map(usedOf)),
        others: sumOf(events.map(committed)),
        own: sumOf(events.map(left)),
        wanted,
      };
    });
  });
}

/** The event of a leg's run. */
const eventOf = (key: string): string => partsOfLegKey(key)?.event ?? key;
const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);
const add = (to: Map<string, number>, key: string, amount: number) => to.set(key, (to.get(key) ?? 0) + amount);

export const monthsOfAll = (planned: readonly PlannedUse[]): string[] => [
  ...new Set(planned.flatMap(({ allocateAt, endsAt }) => monthsOf({ from: allocateAt, to: endsAt }))),
];

/** What each run holds of the budgets once it is booked. */
export const budgetUses = (rooms: readonly BudgetRoom[], event: string): HeldUse[] =>
  rooms.flatMap(({ unit, month, wanted }) =>
    wanted
      .filter((one) => one.event === event && one.amount > 0)
      .map(({ amount, from, to }) => ({ use: useOf(unit, month), from, to, amount })),
  );

/**
 * The budgets that have no room for an event.
 *
 * @param then the bookings when the rooms were reckoned: what was booked since is added
 */
export function shortagesOf(
  rooms: readonly BudgetRoom[],
  then: readonly Booking[],
  now: readonly Booking[],
): BudgetShortage[] {
  return rooms.flatMap(({ tenant, month, unit, limit, currency, onLimit, used, others, own, wanted }) => {
    const isOwn = ({ event }: HeldBudget) => wanted.some((one) => one.event === event);
    const holding = (bookings: readonly Booking[]) =>
      heldBudgets(bookings, tenant).filter(({ use }) => use === useOf(unit, month));
    const before = new Map(holding(then).map(({ event, amount }) => [event, amount]));
    const since = holding(now).filter((one) => !isOwn(one));
    const grown = since.reduce((sum, { event, amount }) => sum + Math.max(0, amount - (before.get(event) ?? 0)), 0);
    const has = holding(now)
      .filter(isOwn)
      .reduce((sum, { amount }) => sum + amount, 0);
    const wants = Math.max(own, sumOf(wanted.map(({ amount }) => amount)));
    const committed = others + grown;
    const isMore = wants > has + rounding;
    const isShort =
      onLimit === 'refuse' ? committed + wants > limit + rounding : onLimit === 'stop' && used >= limit - rounding;
    const figures = { tenant, month, unit, limit, ...(currency !== undefined && { currency }) };
    return isMore && isShort ? [{ ...figures, committed: onLimit === 'stop' ? used : committed, wanted: wants }] : [];
  });
}

/** For people: a line each. */
export const shortageLines = (shortages: readonly BudgetShortage[]): string[] =>
  shortages.map(({ tenant, month, limit, committed, wanted, ...of }) => {
    const left = figure(Math.max(0, limit - committed), of);
    const figures = `${figure(committed, of)} of ${figure(limit, of)} are used or planned, ${left} are left`;
    return `the budget of tenant ${tenant} for ${month} (UTC): ${figures}, the event needs ${figure(wanted, of)}`;
  });
