import { spentOf } from '../../domain/usage/budget.ts';
import { spentText, warnOfPlanBudget } from './budget-warnings.ts';
import { ShowOver } from './interrupts.ts';
import type { Run } from './run.ts';

/**
 * Acts on what is spent of the plan's budget. Gives when its next share is reached, if it has one and something is billed.
 *
 * @throws ShowOver where the plan ends the show at the limit
 */
export function meetBudget(run: Run): number | undefined {
  const { budget } = run.plan;
  if (!budget) return undefined;
  const spent = spentOf(
    [{ status: run.status, bills: budget.bills }],
    budget.billedMs,
    Math.max(Date.now(), run.knownAt),
  );
  if (warnOfPlanBudget(run, spent, budget)) run.show();
  if (spent.reached === 1 && budget.onLimit === 'stop')
    throw new ShowOver('budget-spent', `the budget is spent: ${spentText(spent, budget)}`);
  return spent.nextAt;
}
