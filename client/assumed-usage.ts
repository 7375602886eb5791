import type { Client } from '@temporalio/client';
import { legKeyOf } from '../domain/ids.ts';
import type { UsageSpan } from '../domain/usage/usage.ts';
import { billsOf } from '../plan/bills.ts';
import { checkPlan } from '../plan/check.ts';
import { maxLeadMs } from '../plan/limits.ts';
import type { EventSummary } from './listing.ts';
import { planStartedWith } from './same-plan.ts';

interface PlannedChannel {
  /** The key of the event, or of the leg. */
  name: string;
  vendor: string;
  account: string;
  /** Longer before its show no channel is held. */
  leadMs: number;
}

export interface AssumedUsage extends Pick<PlannedChannel, 'vendor' | 'account'> {
  assumed: UsageSpan[];
}

/**
 * What an event may have been billed that cannot be read: everything that its vendor, and that of each leg, bills, from the warm-up
 * to the end of its run. One that was terminated may still be billed.
 */
export async function assumedUsage(temporal: Client, event: EventSummary, now: number): Promise<AssumedUsage[]> {
  const { vendor = '', account = '', phase, startsAt, workflowStatus, run } = event;
  if (!run || phase === 'scheduled') return [{ vendor, account, assumed: [] }];
  const isClosed = run.closedAt !== undefined && !['TERMINATED', 'TIMED_OUT'].includes(workflowStatus);
  const to = isClosed ? (run.closedAt ?? now) : now;
  return (await plannedChannels(temporal, event)).map(({ name, vendor, account, leadMs }) => {
    const from = Math.max(run.startedAt, startsAt === undefined ? 0 : startsAt.getTime() - leadMs);
    const own = billsOf(vendor).filter(({ goesOn }) => !goesOn);
    const spanOf = { name, from, to, ...(!isClosed && { goesOn: true as const }) };
    return { vendor, account, assumed: own.map(({ resource, state }) => ({ resource, state, ...spanOf })) };
  });
}

/** By the plan in its history, for which no worker is needed. */
async function plannedChannels(
  temporal: Client,
  { key, vendor = '', account = '', run }: EventSummary,
): Promise<PlannedChannel[]> {
  const ofEvent = { name: key, vendor, account };
  const unknown = [{ ...ofEvent, leadMs: maxLeadMs }];
  if (!run) return unknown;
  try {
    const { workflowId, runId, startedAt } = run;
    const plan = await planStartedWith(temporal, workflowId, runId);
    const checked = checkPlan(plan, { now: startedAt, nominalStart: startedAt, workflowId });
    if (!checked.ok) return unknown;
    const legs = checked.plan.legs?.legs.map((leg) => ({ ...leg, name: legKeyOf(key, leg.name) }));
    return (legs ?? [{ ...checked.plan, ...ofEvent }]).map(({ name, vendor, account, warmUpMs, startLeadMs }) => ({
      ...{ name, vendor, account },
      leadMs: Math.max(warmUpMs, startLeadMs),
    }));
  } catch {
    return unknown;
  }
}
