import { csvCell } from '../csv.ts';
import { msOf } from './amount.ts';
import { type PriceList, priceOf } from './prices.ts';
import type { UsageSpan } from './usage.ts';

export const groupings = ['tenant', 'vendor', 'account'] as const;
export type Grouping = (typeof groupings)[number];

/** What one event used, in the span that was asked for. */
export interface EventUsage {
  eventId: string;
  vendor: string;
  account: string;
  tenant?: string;
  spans: UsageSpan[];
  unknown: string[];
  /** What a budget counts instead, where the event cannot be read. */
  assumed?: UsageSpan[];
  /** Why `assumed` goes by the longest warm-up: neither the event nor its plan can be read. */
  unreadPlan?: string;
}

export interface UsageRow {
  /** The tenant, vendor, or `vendor/account`; empty for events without a tenant. */
  key: string;
  vendor: string;
  resource: string;
  state: UsageSpan['state'];
  class?: string;
  events: number;
  minutes: number;
  /** In the price list's currency; absent where it has no price for this. */
  money?: number;
}

export interface UsageSummary {
  rows: UsageRow[];
  currency?: string;
  pricesAsOf?: string;
  /** What cannot be seen, each with its reason. */
  unknown: string[];
}

const mostUnknown = 100;

/** Sums by tenant, vendor or account. What the events of an account share is counted once in each row. */
export function summaryOf(events: readonly EventUsage[], by: Grouping, prices?: PriceList): UsageSummary {
  const rows = new Map<string, SummaryRow>();
  for (const event of events) {
    const key = { tenant: event.tenant ?? '', vendor: event.vendor, account: `${event.vendor}/${event.account}` }[by];
    for (const span of event.spans) {
      const id = JSON.stringify([key, event.vendor, span.resource, span.state, span.class, event.account]);
      const row = rows.get(id) ?? { key, event, span, events: new Set(), spans: [] };
      rows.set(id, row);
      row.events.add(event.eventId);
      row.spans.push({ ...span, name: `${event.account}/${span.name}` });
    }
  }
  const unpriced = new Set<string>();
  const merged = new Map<string, UsageRow>();
  const eventsOf = new Map<string, Set<string>>();
  for (const { key, event, span, events: ids, spans } of rows.values()) {
    const minutes = paidMs(spans) / 60_000;
    const price = prices && priceOf(prices, event, span);
    const { vendor } = event;
    const { resource, state } = span;
    if (prices && !price) unpriced.add(`${vendor} ${resource}, ${state}: the price list has no price for it`);
    const id = JSON.stringify([key, vendor, resource, state, span.class]);
    const before = merged.get(id);
    const of = new Set([...(eventsOf.get(id) ?? []), ...ids]);
    eventsOf.set(id, of);
    const money = price && (before?.money ?? 0) + (minutes / 60) * price.perHour;
    merged.set(id, {
      key,
      vendor,
      resource,
      state,
      ...(span.class !== undefined && { class: span.class }),
      events: of.size,
      minutes: (before?.minutes ?? 0) + minutes,
      ...(money !== undefined && (before === undefined || before.money !== undefined) && { money }),
    });
  }
  const unknown = events.flatMap((event) => event.unknown.map((why) => `${event.eventId}: ${why}`));
  const more = unknown.length - mostUnknown;
  return {
    rows: [...merged.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : b.minutes - a.minutes)),
    ...(prices && { currency: prices.currency, pricesAsOf: prices.asOf }),
    unknown: [...unpriced, ...unknown.slice(0, mostUnknown), ...(more > 0 ? [`and ${more} more`] : [])],
  };
}

interface SummaryRow {
  key: string;
  event: EventUsage;
  span: UsageSpan;
  events: Set<string>;
  spans: UsageSpan[];
}

/** A resource of one name is paid once, however many events used it at the time. */
function paidMs(spans: readonly UsageSpan[]): number {
  const names = new Set(spans.map(({ name }) => name));
  return [...names].reduce((sum, name) => sum + msOf(spans.filter((span) => span.name === name)), 0);
}

const columns = ['key', 'vendor', 'resource', 'state', 'class', 'events', 'minutes', 'money', 'currency'] as const;

/** As a spreadsheet reads it. */
export function csvOf({ rows, currency }: UsageSummary): string {
  const cell = (value: string | number | undefined): string =>
    typeof value === 'number' ? String(Math.round(value * 100) / 100) : csvCell(value ?? '');
  const lines = rows.map((row) => {
    const record: Record<string, string | number | undefined> = {
      ...row,
      currency: row.money === undefined ? '' : currency,
    };
    return columns.map((column) => cell(record[column])).join(',');
  });
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}
