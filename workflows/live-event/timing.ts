import { ActivityFailure, isCancellation, patched, sleep } from '@temporalio/workflow';
import type { EndReason } from '../../domain/phases.ts';
import type { CueName } from '../../domain/timeline.ts';
import { describeFailure } from '../failure.ts';
import { cueMet } from '../metrics.ts';
import { meetBudget } from './budget.ts';
import { preflighted } from './findings.ts';
import { ShowOver, woken } from './interrupts.ts';
import type { Run } from './run.ts';
import { warnIfSlow } from './slow-step.ts';

/** Waits for an instant that an operator may move, unless that makes something else come first. */
export async function waitUntil(
  run: Run,
  cue: CueName,
  instant: () => number,
  summary: string,
  isFirst: () => boolean = () => false,
): Promise<void> {
  let sleptUntil = 0;
  for (let waited = false; ; waited = true) {
    run.interrupts.throwIfStopped();
    if (isFirst()) return;
    const budgetAt = meetBudget(run) ?? Number.POSITIVE_INFINITY;
    const until = instant();
    const ms = until - Math.max(Date.now(), sleptUntil);
    if (ms <= 0) {
      if (waited) cueMet(run.status, cue, until);
      return;
    }
    const wakeAt = Math.min(until, budgetAt);
    const seen = await run.interrupts.interruptible(() => sleep(wakeAt - Date.now(), { summary }));
    // A timer that has fired says of the time what a task that began before it does not (ADR 0032).
    if (seen !== woken) sleptUntil = wakeAt;
  }
}

/** Runs a step that must be done before the show ends, again with the new deadline when an operator moves the end. */
export async function withDeadline<T>(
  run: Run,
  step: string,
  reason: EndReason,
  work: (ms: number) => Promise<T>,
): Promise<T> {
  let begun = 0;
  const inTime = () => {
    begun += 1;
    const ms = run.cues.endAt - Date.now();
    if (ms <= 0) throw new ShowOver(reason, 'it was not done before the show was to end');
    return work(ms);
  };
  try {
    return await warnIfSlow(run, step, () => run.interrupts.unlessStopped(inTime));
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    const { kind, message, nothingMade, details } = describeFailure(error);
    // An attempt that an operator's move of the end broke off may have made a channel, which the next one does not know.
    const isWhole = () => begun === 1 || !patched('clean-up-after-allocation-begun-anew');
    if (reason === 'allocation-failed' && nothingMade && isWhole()) run.madeNothing = true;
    // What a failed allocation left is released where it was made.
    const { place, id } = details ?? {};
    if (reason === 'allocation-failed')
      run.ref = { ...run.ref, ...(place !== undefined && { place }), ...(id !== undefined && { id }) };
    preflighted(run, details?.preflight);
    run.keepSeen(details);
    run.trouble(kind, message);
    throw new ShowOver(reason, message);
  }
}
