import type { Client } from '@temporalio/client';
import type { OwnedSpan } from '../domain/usage/amount.ts';
import { spanOfMonth } from '../domain/usage/month.ts';
import { billsOf } from '../plan/bills.ts';
import type { EventSummary } from './listing.ts';
import { type ReadableEvents, type UsageMemory, usageOfRuns } from './usage.ts';

/** A budget needs the whole month. Each event is read once: a first look that takes too long goes on where it was. */
const mostOfMonth = 20_000;

/** What events used in a month, as budgets count it. */
export interface MonthUsage {
  runs: MonthRun[];
  /** The runs that cannot be read, which are counted as if all that their vendor bills had been running. */
  assumed: number;
}

export interface MonthRun {
  event: EventSummary;
  /** By the key of the event, or of the leg. */
  spans: OwnedSpan[];
  /** Why neither it nor its plan can be read: its spans go by the longest warm-up. */
  unreadPlan?: string;
}

/** What the events of an account share costs whether an event runs or not: it is in no budget. */
const isShared = (vendor: string, resource: string, state: string): boolean =>
  billsOf(vendor).some((bill) => bill.goesOn && bill.resource === resource && bill.state === state);

/** @throws where a run cannot be read now, because Temporal does not answer: that may pass */
export async function usageOfMonth(
  client: ReadableEvents,
  temporal: Client,
  month: string,
  memory: UsageMemory,
): Promise<MonthUsage> {
  const { from, to } = spanOfMonth(month);
  const span = { from, to: Math.min(to, Math.max(from + 1, Date.now())) };
  const read = await usageOfRuns(client, temporal, span, {
    memory,
    most: mostOfMonth,
    withShared: false,
    assumes: true,
  });
  const runs = read.map(({ event, usage }) => ({
    event,
    ...(usage[0]?.unreadPlan !== undefined && { unreadPlan: usage[0].unreadPlan }),
    spans: usage.flatMap(({ vendor, account, spans, assumed = [] }) =>
      [...spans, ...assumed]
        .filter(({ resource, state }) => !isShared(vendor, resource, state))
        .map((span) => ({ ...span, vendor, account })),
    ),
  }));
  return { runs, assumed: read.filter(({ usage }) => usage.some((one) => one.assumed)).length };
}
