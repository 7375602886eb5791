import { ActivityFailure, isCancellation, patched } from '@temporalio/workflow';
import type { Preflight, PreflightRequest } from '../../domain/preflight.ts';
import { describeFailure } from '../failure.ts';
import { preflightBy } from './activities.ts';
import { preflighted } from './findings.ts';
import { woken } from './interrupts.ts';
import type { Run } from './run.ts';
import { waitUntil } from './timing.ts';

/** What a look is asked for; undefined for a plan that was prepared before there was one. */
export const preflightOf = ({ plan, cues }: Run): PreflightRequest | undefined =>
  plan.preflightMs === undefined
    ? undefined
    : { from: cues.allocateAt, subscribers: plan.notify?.receivers.map(({ name }) => name) ?? [] };

/** Not for a run that begins so late that the look at the allocation comes soon. */
const isDue = ({ cues }: Run): boolean => cues.preflightAt !== undefined && cues.preflightAt > Date.now();

/** Looks at the account while there is time to act, and again for other times where the show is moved. */
export async function lookAhead(run: Run): Promise<void> {
  while (isDue(run) && (run.plan.preflightWaits || patched('preflight'))) {
    const lookAt = () => run.cues.preflightAt ?? 0;
    if (!run.plan.preflightWaits) await waitUntil(run, 'preflight', lookAt, 'wait for the time to check the account');
    const { allocateAt } = run.cues;
    run.interrupts.throwIfStopped();
    const looked = await look(run, allocateAt, run.plan.preflightWaits && lookAt());
    if (looked === woken) continue;
    run.facts.preflightFor = allocateAt;
    preflighted(run, looked);
    run.show();
    await waitUntil(
      run,
      'allocate',
      () => run.cues.allocateAt,
      'wait for the time to allocate',
      () => isDue(run),
    );
  }
}

/** @param notBefore when the look is due, where it waits itself: that is five events less than a timer of the run */
async function look(run: Run, allocateAt: number, notBefore?: number): Promise<Preflight | typeof woken> {
  const asked = preflightOf(run) ?? { from: allocateAt, subscribers: [] };
  const preflight = { ...asked, ...(notBefore !== undefined && { notBefore }) };
  try {
    return await run.interrupts.interruptible(() => preflightBy(allocateAt - Date.now())({ ...run.spec, preflight }));
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    // No finding stops a run, and neither does a look that could not be made.
    const reason = `no worker looked: ${describeFailure(error).message}`;
    return { at: Date.now(), findings: [], unseen: [{ check: 'place', reason }] };
  }
}
