import { fieldsOf } from '../json.ts';
import { amountOf, type BudgetUnit, type OwnedSpan, rateOf } from './amount.ts';
import type { PriceList } from './prices.ts';
import { type BudgetShare, nearMs, type Reach, reachOf } from './shares.ts';

/** What the events of a tenant may use in a month. */
export interface TenantBudget {
  minutes?: number;
  /** In the currency of the price list. */
  money?: number;
  /** `refuse`: no event begins whose planned use goes beyond it. `stop`: the running events end when it is used. */
  onLimit: 'warn' | 'refuse' | 'stop';
}

export interface BudgetLimit {
  unit: BudgetUnit;
  limit: number;
  /** With money. */
  currency?: string;
}

export function limitsOf({ minutes, money }: TenantBudget, prices?: PriceList): BudgetLimit[] {
  return [
    ...(minutes === undefined ? [] : [{ unit: 'minutes' as const, limit: minutes }]),
    ...(money === undefined || !prices ? [] : [{ unit: 'money' as const, limit: money, currency: prices.currency }]),
  ];
}

/** What a month has used of a limit. */
export interface MonthSpent extends BudgetLimit, Reach {
  used: number;
}

export function monthSpent(spans: readonly OwnedSpan[], of: BudgetLimit, prices?: PriceList): MonthSpent {
  const used = amountOf(spans, of.unit, prices);
  const rate = rateOf(spans, of.unit, prices);
  const near = Math.max(rounding, rate * nearMs);
  return { ...of, used, ...reachOf({ used, limit: of.limit, rate, near }) };
}

/** Sums of minutes are not exact. */
export const rounding = 1e-6;

/** A figure for people: `2,950.5 min`, `120.00 USD`. */
export const figure = (amount: number, { unit, currency }: Pick<BudgetLimit, 'unit' | 'currency'>): string =>
  unit === 'money' ? `${amount.toFixed(2)} ${currency ?? ''}`.trimEnd() : `${Math.round(amount * 10) / 10} min`;

/** What a running event is sent when its tenant's budget reaches a share. Stands in histories. */
export interface BudgetReached {
  tenant: string;
  month: string;
  unit: BudgetUnit;
  share: BudgetShare;
  message: string;
  /** The show ends. */
  stops?: boolean;
}

export function budgetReached(
  of: Pick<BudgetReached, 'tenant' | 'month'>,
  { used, limit, unit, currency, reached }: MonthSpent,
  onLimit: TenantBudget['onLimit'],
): BudgetReached | undefined {
  if (reached === undefined) return undefined;
  const stops = reached === 1 && onLimit === 'stop';
  const share = reached === 1 ? '' : '80 % of ';
  const effect = stops ? '; the show ends' : '';
  const figures = `${figure(used, { unit, currency })} of ${figure(limit, { unit, currency })}`;
  const message = `${share}the budget of tenant ${of.tenant} for ${of.month} (UTC) is spent: ${figures}${effect}`;
  return { ...of, unit, share: reached, message, ...(stops && { stops }) };
}

/** What came as a signal, which any Temporal client may send; undefined where it is not one. */
export function budgetReachedOf(sent: unknown): BudgetReached | undefined {
  const { tenant, month, unit, share, message, stops } = fieldsOf(sent);
  const isOne =
    typeof tenant === 'string' &&
    typeof month === 'string' &&
    (unit === 'minutes' || unit === 'money') &&
    (share === 0.8 || share === 1) &&
    typeof message === 'string';
  return isOne
    ? { tenant, month, unit, share, message: message.slice(0, 500), ...(stops === true && { stops }) }
    : undefined;
}
