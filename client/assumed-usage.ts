import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { Problem } from '../domain/errors.ts';
import { legKeyOf } from '../domain/ids.ts';
import { messageOf } from '../domain/message-of.ts';
import type { PreparedPlan } from '../domain/plan.ts';
import type { UsageSpan } from '../domain/usage/usage.ts';
import { billsOf } from '../plan/bills.ts';
import { checkPlan } from '../plan/check.ts';
import { maxLeadMs } from '../plan/limits.ts';
import { isNotFound } from './event-runs.ts';
import type { EventSummary } from './listing.ts';
import { decodedPlan, inputStartedWith } from './same-plan.ts';

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

export interface AssumedUsages {
  usages: AssumedUsage[];
  /** Why the longest warm-up is assumed: the plan cannot be read either, and will not be. */
  unreadPlan?: string;
}

/**
 * What an event may have been billed that cannot be read: everything that its vendor, and that of each leg, bills, from the warm-up
 * to the end of its run. One that was terminated may still be billed.
 *
 * @throws what Temporal threw, except that it has no such history: that may pass
 */
export async function assumedUsage(temporal: Client, event: EventSummary, now: number): Promise<AssumedUsages> {
  const { vendor = '', account = '', phase, startsAt, workflowStatus, run } = event;
  if (!run || phase === 'scheduled') return { usages: [{ vendor, account, assumed: [] }] };
  const isClosed = run.closedAt !== undefined && !['TERMINATED', 'TIMED_OUT'].includes(workflowStatus);
  const to = isClosed ? (run.closedAt ?? now) : now;
  const usageOf = ({ name, vendor, account, leadMs }: PlannedChannel): AssumedUsage => {
    const from = Math.max(run.startedAt, startsAt === undefined ? 0 : startsAt.getTime() - leadMs);
    const own = billsOf(vendor).filter(({ goesOn }) => !goesOn);
    const spanOf = { name, from, to, ...(!isClosed && { goesOn: true as const }) };
    return { vendor, account, assumed: own.map(({ resource, state }) => ({ resource, state, ...spanOf })) };
  };
  const planned = await planOf(temporal, run);
  if (planned.ok) return { usages: channelsOf(planned.plan, event).map(usageOf) };
  const unknown = { name: event.key, vendor, account, leadMs: maxLeadMs };
  return { usages: [usageOf(unknown)], unreadPlan: planned.why };
}

type PlanRead = { ok: true; plan: PreparedPlan } | { ok: false; why: string };

/** By its history, for which no worker is needed. */
async function planOf(
  temporal: Client,
  { workflowId, runId, startedAt }: NonNullable<EventSummary['run']>,
): Promise<PlanRead> {
  const unread = (error: unknown) => ({ ok: false as const, why: messageOf(error) });
  let input: Payload[];
  try {
    input = await inputStartedWith(temporal, workflowId, runId);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return unread(error);
  }
  try {
    const plan = await decodedPlan(temporal, workflowId, input);
    const checked = checkPlan(plan, { now: startedAt, nominalStart: startedAt, workflowId });
    return checked.ok ? checked : { ok: false, why: checked.problems.map(problemText).join('; ') };
  } catch (error) {
    return unread(error);
  }
}

const problemText = ({ path, message }: Problem): string => `${path || 'the plan'}: ${message}`;

const channelsOf = (
  { legs, ...plan }: PreparedPlan,
  { key, vendor = '', account = '' }: EventSummary,
): PlannedChannel[] => {
  const ofLegs = legs?.legs.map((leg) => ({ ...leg, name: legKeyOf(key, leg.name) }));
  return (ofLegs ?? [{ ...plan, name: key, vendor, account }]).map(
    ({ name, vendor, account, warmUpMs, startLeadMs }) => ({
      ...{ name, vendor, account },
      leadMs: Math.max(warmUpMs, startLeadMs),
    }),
  );
};
