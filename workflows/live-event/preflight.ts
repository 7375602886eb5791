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
  while (isDue(run) && patched('preflight')) {
    await waitUntil(run, 'preflight', () => run.cues.preflightAt ?? 0, 'wait for the time to check the account');
    const { allocateAt } = run.cues;
    const looked = await look(run, allocateAt);
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

async function look(run: Run, allocateAt: number): Promise<Preflight | typeof woken> {
  const preflight = preflightOf(run) ?? { from: allocateAt, subscribers: [] };
  try {
    return await run.interrupts.interruptible(() => preflightBy(allocateAt - Date.now())({ ...run.spec, preflight }));
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    // Nothing that is found stops a run, and so does nothing that is not.
    const reason = `no worker looked: ${describeFailure(error).message}`;
    return { at: Date.now(), findings: [], unseen: [{ check: 'place', reason }] };
  }
}
