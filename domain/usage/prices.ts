import type { UsageSpan } from './usage.ts';

/** The operator's own prices: a published list is a start, a contract decides. */
export interface PriceList {
  /** ISO 4217, or whatever the operator counts in. */
  currency: string;
  /** The date of the prices, for people. */
  asOf: string;
  prices: readonly Price[];
}

export interface Price {
  vendor: string;
  /** Of this account alone; absent for every account of the vendor. */
  account?: string;
  resource: string;
  state: UsageSpan['state'];
  /** Of this class alone, such as a channel type; absent for every class. */
  class?: string;
  perHour: number;
  /** Where it is published, and of which date, for people. */
  source?: string;
}

type Owner = Record<'vendor' | 'account', string>;
type Billed = Pick<UsageSpan, 'resource' | 'state' | 'class'>;

/** The price of a span: that of its account and class before the more general ones. */
export function priceOf(list: PriceList, { vendor, account }: Owner, span: Billed): Price | undefined {
  const fits = (price: Price) =>
    price.vendor === vendor &&
    price.resource === span.resource &&
    price.state === span.state &&
    (price.account === undefined || price.account === account) &&
    (price.class === undefined || price.class === span.class);
  const rank = (price: Price) => (price.account === undefined ? 0 : 2) + (price.class === undefined ? 0 : 1);
  return list.prices.filter(fits).sort((a, b) => rank(b) - rank(a))[0];
}
