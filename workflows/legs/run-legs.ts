import { allHandlersFinished, CancellationScope, condition, isCancellation, patched } from '@temporalio/workflow';
import type { EventStatus } from '../../domain/report.ts';
import { prepareLegs } from '../live-event/activities.ts';
import { bookLegs, releaseLegs } from '../live-event/booking.ts';
import { conclude, endAsUnprepared, recordEnd } from '../live-event/conclude.ts';
import { prepareInput } from '../live-event/prepare-input.ts';
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
  if (!(await isBooked(run))) return endUnbegun(run);
  run.begin();
  const startIsOver = announceStart(run, () => run.whyNoneBegins() === undefined);
  try {
    await follow(run);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    run.stop.isCancelled = true;
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
  try {
    run.adopt(await prepareLegs(prepareInput(plan)));
  } catch (error) {
    await endAsUnprepared(run.status, error);
  }
}

/** Whether the legs may begin. The status says why they may not. */
async function isBooked(run: LegsRun): Promise<boolean> {
  if (!run.plan.books?.budget) return true;
  try {
    await bookLegs(run);
    run.interrupts.throwIfStopped();
    return true;
  } catch (error) {
    recordEnd(run, error);
    return false;
  }
}

async function endUnbegun(run: LegsRun): Promise<EventStatus> {
  if (patched('ended-before-its-legs')) {
    run.endUnbegun();
    run.show();
    await CancellationScope.nonCancellable(async () => {
      await run.outbox?.flush();
      if (patched('frees-its-legs')) await releaseLegs(run);
    });
  } else if (run.status.endReason === 'over-budget') {
    // A run that began before sent nothing; one that could not be booked did not say its phase.
    run.endUnbegun([]);
  }
  return conclude(run.status);
}

/** Until every leg has ended: looks at each change of a leg, and when one has been in trouble for too long. */
async function follow(run: LegsRun): Promise<void> {
  for (;;) {
    run.decide();
    if (run.isOver) return;
    if (run.stop.budgetSpent !== undefined) void stopSpentLegs(run);
    const seen = run.changes;
    const hasChanged = () => run.changes !== seen;
    const next = run.nextDecisionAt();
    if (next === undefined) await condition(hasChanged);
    else await condition(hasChanged, Math.max(1, next - Date.now()));
  }
}
