import type { JsonObject } from '../../domain/json.ts';
import { isBeforeStop } from '../../domain/phases.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatDuration } from '../../domain/time.ts';
import type { Budget } from '../../domain/usage/billing.ts';
import type { Spent } from '../../domain/usage/budget.ts';
import { type BudgetReached, budgetReachedOf } from '../../domain/usage/tenant-budget.ts';
import type { WarningName } from '../../domain/webhooks/webhook.ts';

/** What a run, or that of an event with legs, warns with. */
export interface WarnsOfBudgets {
  readonly status: EventStatus;
  readonly budgetWarnings: BudgetWarnings;
  warn(warning: WarningName, message: string, data?: JsonObject): void;
  endWarnings(names: readonly WarningName[], ended: string): void;
}

/** What a run has been warned of. */
export class BudgetWarnings {
  readonly #warned = new Set<string>();
  #shareOfPlan = 0;

  /** Whether a share of the plan's budget is newly reached. */
  isNewOfPlan({ reached }: Spent): boolean {
    if (reached === undefined || reached <= this.#shareOfPlan) return false;
    this.#shareOfPlan = reached;
    return true;
  }

  /** Undefined where a share of a month was warned of before, or what came is none for this tenant. */
  newOfTenant(sent: unknown, tenant: string | undefined): BudgetReached | undefined {
    const reached = budgetReachedOf(sent);
    if (!reached || reached.tenant !== tenant) return undefined;
    const { month, unit, share, stops = false } = reached;
    const key = `${month} ${unit} ${share} ${stops}`;
    if (this.#warned.has(key)) return undefined;
    this.#warned.add(key);
    return reached;
  }
}

/** What is spent, for people. */
export const spentText = ({ usedMs }: Spent, { billedMs }: Budget): string =>
  `${formatDuration(Math.round(usedMs / 1_000) * 1_000)} of ${formatDuration(billedMs)} are billed`;

/** Warns of a share of the plan's budget that is newly reached, and says whether one is. */
export function warnOfPlanBudget(run: WarnsOfBudgets, spent: Spent, budget: Budget): boolean {
  if (!run.budgetWarnings.isNewOfPlan(spent)) return false;
  const text = spentText(spent, budget);
  const effect = budget.onLimit === 'stop' ? 'the show ends' : 'the show goes on';
  const message =
    spent.reached === 1 ? `the budget is spent: ${text}; ${effect}` : `80 % of the budget is spent: ${text}`;
  warn(run, spent.reached === 1, message, { billedMs: spent.usedMs, budgetMs: budget.billedMs });
  return true;
}

/** Warns of a share of the tenant's budget that is newly reached, while the show is on; what is reached then. */
export function warnOfTenantBudget(run: WarnsOfBudgets, sent: unknown): BudgetReached | undefined {
  const { phase, tenant } = run.status;
  const reached = isBeforeStop(phase) ? run.budgetWarnings.newOfTenant(sent, tenant) : undefined;
  if (reached) warn(run, reached.share === 1, reached.message, { month: reached.month, unit: reached.unit });
  return reached;
}

function warn(run: WarnsOfBudgets, isSpent: boolean, message: string, data: JsonObject): void {
  if (isSpent) run.endWarnings(['budget-near'], 'all of the budget is spent');
  run.warn(isSpent ? 'budget-spent' : 'budget-near', message, data);
}
