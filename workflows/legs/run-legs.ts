import { allHandlersFinished, CancellationScope, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { EventStatus } from '../../domain/report.ts';
import { prepareLegs } from '../live-event/activities.ts';
import { bookLegs } from '../live-event/booking.ts';
import { conclude, endAsUnprepared } from '../live-event/conclude.ts';
import { announceStart } from '../live-event/starts-soon.ts';
import { stopSpentLegs } from './asking.ts';
import { handleLegMessages } from './leg-operators.ts';
import { LegsRun } from './legs-run.ts';

/** Whether a plan has several legs: one leg runs as the short form of the plan does. */
export const hasLegs = (plan: unknown): boolean => {
  const legs = typeof plan === 'object' && plan !== null ? (plan as { legs?: unknown }).legs : undefined;
  return Array.isArray(legs) && legs.length > 1;
};

/**
 * Runs one live show on several vendors: each leg is a run of its own that allocates, records, proves and cleans up as any
 * other. This run begins them, decides which of them is on air, and reports on all.
 */
export async function runLegs(plan: unknown): Promise<EventStatus> {
  const run = new LegsRun();
  handleLegMessages(run);
  await prepare(run, plan);
  if (!run.plan) return conclude(run.status);
  const startIsOver = announceStart(run, () => run.whyNoneBegins() === undefined);
  try {
    await follow(run);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    run.cancelled();
  }
  await CancellationScope.nonCancellable(async () => {
    await follow(run);
    startIsOver();
    await condition(allHandlersFinished);
    run.end();
    await run.outbox?.flush();
  });
  return conclude(run.status);
}

async function prepare(run: LegsRun, plan: unknown): Promise<void> {
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo();
  const nominalStart = typedSearchAttributes.get(scheduledStart)?.getTime();
  try {
    const prepared = await prepareLegs({ plan, workflowId, startedAt: startTime.getTime(), nominalStart });
    const refusal = prepared.books?.budget ? await bookLegs(prepared) : undefined;
    if (refusal) run.refuse(prepared, refusal);
    else run.begin(prepared);
  } catch (error) {
    endAsUnprepared(run.status, error);
  }
}

/** Set by Temporal on runs that a Schedule started. */
const scheduledStart = { name: 'TemporalScheduledStartTime', type: 'DATETIME' } as const;

/** Until every leg has ended: looks at each change of a leg, and when one has been in trouble for too long. */
async function follow(run: LegsRun): Promise<void> {
  for (;;) {
    run.decide();
    if (run.isOver) return;
    if (run.budgetSpent !== undefined) void stopSpentLegs(run);
    const seen = run.changes;
    const hasChanged = () => run.changes !== seen;
    const next = run.nextDecisionAt();
    if (next === undefined) await condition(hasChanged);
    else await condition(hasChanged, Math.max(1, next - Date.now()));
  }
}
