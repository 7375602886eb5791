import { warnOfTenantBudget } from './budget-warnings.ts';
import type { Run } from './run.ts';

/** The budget of the tenant has reached a share: the run warns, and ends the show where that is configured. */
export function budgetReached(run: Run, sent: unknown): void {
  const reached = run.plan && warnOfTenantBudget(run, sent);
  if (!reached) return;
  const { message, stops } = reached;
  if (stops) run.interrupts.stopRequested ??= { detail: message, keepRecording: true, reason: 'budget-spent' };
  if (stops) run.interrupts.wake();
  run.show();
}
