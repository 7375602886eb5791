import { formatDuration } from '../../domain/time.ts';
import type { Budget } from '../../domain/usage/billing.ts';
import { type Spent, spentOf } from '../../domain/usage/budget.ts';
import type { WarningName } from '../../domain/webhooks/webhook.ts';
import { ShowOver } from './interrupts.ts';
import type { Run } from './run.ts';

/** What is spent, for people. */
export const spentText = ({ usedMs }: Spent, { billedMs }: Budget): string =>
  `${formatDuration(Math.round(usedMs / 1_000) * 1_000)} of ${formatDuration(billedMs)} are billed`;

/** The warning of a share that is newly reached. */
export function budgetWarning(
  spent: Spent,
  budget: Budget,
  warned: number,
): { name: WarningName; message: string } | undefined {
  const { reached = 0 } = spent;
  if (reached <= warned) return undefined;
  const text = spentText(spent, budget);
  if (reached < 1) return { name: 'budget-near', message: `80 % of the budget is spent: ${text}` };
  const effect = budget.onLimit === 'stop' ? 'the show ends' : 'the show goes on';
  return { name: 'budget-spent', message: `the budget is spent: ${text}; ${effect}` };
}

/**
 * Acts on what is spent of the plan's budget. Gives when its next share is reached, if it has one and something is billed.
 *
 * @throws ShowOver where the plan ends the show at the limit
 */
export function meetBudget(run: Run): number | undefined {
  const { budget } = run.plan;
  if (!budget) return undefined;
  const spent = spentOf([{ status: run.status, bills: budget.bills }], budget.billedMs, Date.now());
  const warning = budgetWarning(spent, budget, run.budgetWarned);
  if (warning) {
    run.budgetWarned = spent.reached ?? 0;
    if (spent.reached === 1) run.endWarnings(['budget-near'], 'all of the budget is spent');
    run.warn(warning.name, warning.message, { billedMs: spent.usedMs, budgetMs: budget.billedMs });
    run.show();
  }
  if (spent.reached === 1 && budget.onLimit === 'stop')
    throw new ShowOver('budget-spent', `the budget is spent: ${spentText(spent, budget)}`);
  return spent.nextAt;
}
