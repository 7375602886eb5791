import { amountOf } from '../domain/usage/amount.ts';
import type { MonthUsage } from './month-usage.ts';

export interface BilledMinutes {
  tenant: string;
  vendor: string;
  account: string;
  resource: string;
  state: string;
  minutes: number;
}

/** Sums of a month, at most so many and the largest: the others stand together, under the tenant `(others)`. */
export function billedMinutes({ runs }: Pick<MonthUsage, 'runs'>, most: number): BilledMinutes[] {
  const spans = runs.flatMap((run) => run.spans.map((span) => ({ tenant: run.event.tenant ?? '', span })));
  const sums = sumsOf(spans).sort((a, b) => b.minutes - a.minutes);
  if (sums.length <= most) return sums;
  const kept = sums.slice(0, most);
  const rest = new Map<string, BilledMinutes>();
  for (const { minutes, ...of } of sums.slice(most)) {
    const { vendor, account, resource, state } = of;
    const key = JSON.stringify([vendor, account, resource, state]);
    rest.set(key, { ...of, tenant: '(others)', minutes: minutes + (rest.get(key)?.minutes ?? 0) });
  }
  return [...kept, ...rest.values()];
}

type Spans = MonthUsage['runs'][number]['spans'];

function sumsOf(all: readonly { tenant: string; span: Spans[number] }[]): BilledMinutes[] {
  const groups = new Map<string, { of: Omit<BilledMinutes, 'minutes'>; spans: Spans }>();
  for (const { tenant, span } of all) {
    const { vendor, account, resource, state } = span;
    const of = { tenant, vendor, account, resource, state };
    const key = JSON.stringify(of);
    const group = groups.get(key) ?? { of, spans: [] };
    groups.set(key, group);
    group.spans.push(span);
  }
  return [...groups.values()].map(({ of, spans }) => ({ ...of, minutes: amountOf(spans, 'minutes') }));
}
