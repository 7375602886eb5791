import type { LiveWindow } from '../channel.ts';
import { type PriceList, priceOf } from './prices.ts';
import type { UsageSpan } from './usage.ts';

/** A span, and whose bill it is on. */
export interface OwnedSpan extends UsageSpan {
  vendor: string;
  account: string;
}

export type BudgetUnit = 'minutes' | 'money';

const unitMs = { minutes: 60_000, money: 3_600_000 } as const;

/** What a span costs in an hour; in minutes each costs what it lasts. What has no price costs as much as the dearest. */
function weightOf(span: OwnedSpan, unit: BudgetUnit, prices: PriceList | undefined): number {
  if (unit === 'minutes' || !prices) return 1;
  const dearest = Math.max(0, ...prices.prices.map(({ perHour }) => perHour));
  return priceOf(prices, span, span)?.perHour ?? dearest;
}

/** Minutes, or money by the price list. What several runs of an event saw of one resource counts once. */
export function amountOf(spans: readonly OwnedSpan[], unit: BudgetUnit, prices?: PriceList): number {
  return groupsOf(spans).reduce((sum, [first, ...more]) => {
    if (!first) return sum;
    return sum + (msOf([first, ...more]) / unitMs[unit]) * weightOf(first, unit, prices);
  }, 0);
}

/** By how much the amount grows in a millisecond, as long as nothing changes. */
export function rateOf(spans: readonly OwnedSpan[], unit: BudgetUnit, prices?: PriceList): number {
  const open = groupsOf(spans.filter(({ goesOn }) => goesOn));
  return open.reduce((sum, [first]) => sum + (first ? weightOf(first, unit, prices) / unitMs[unit] : 0), 0);
}

function groupsOf(spans: readonly OwnedSpan[]): OwnedSpan[][] {
  const groups = new Map<string, OwnedSpan[]>();
  for (const span of spans) {
    const key = JSON.stringify([span.vendor, span.account, span.resource, span.state, span.class, span.name]);
    groups.set(key, [...(groups.get(key) ?? []), span]);
  }
  return [...groups.values()];
}

/** How long any of the spans lasts. */
export function msOf(spans: readonly LiveWindow[]): number {
  let sum = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}
