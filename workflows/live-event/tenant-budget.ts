import { isBeforeStop } from '../../domain/phases.ts';
import type { Run } from './run.ts';

/** The budget of the tenant has reached a share: the run warns, and ends the show where that is configured. */
export function budgetReached(run: Run, sent: unknown): void {
  const { phase, tenant } = run.status;
  const reached = isBeforeStop(phase) && run.plan ? run.budgetWarnings.of(sent, tenant) : undefined;
  if (!reached) return;
  const { name, message, month, unit, stops } = reached;
  if (name === 'budget-spent') run.endWarnings(['budget-near'], 'all of the budget is spent');
  run.warn(name, message, { month, unit });
  if (stops) run.interrupts.stopRequested ??= { detail: message, keepRecording: true, reason: 'budget-spent' };
  if (stops) run.interrupts.wake();
  run.show();
}
