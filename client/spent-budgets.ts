import { monthOf } from '../domain/usage/month.ts';
import type { PriceList } from '../domain/usage/prices.ts';
import { limitsOf, type MonthSpent, monthSpent } from '../domain/usage/tenant-budget.ts';
import type { BudgetOf } from '../plan/budgets.ts';
import type { MonthUsage } from './month-usage.ts';

export interface TenantSpent extends MonthSpent {
  tenant: string;
  /** In UTC, such as `2026-11`. */
  month: string;
}

/** How the budgets stand of the tenants that used something this month; one that used nothing has all of its own. */
export function spentBudgets(
  { runs }: Pick<MonthUsage, 'runs'>,
  { budgetOf, prices }: { budgetOf: BudgetOf; prices?: PriceList | undefined },
): TenantSpent[] {
  const month = monthOf(Date.now());
  const tenants = [...new Set(runs.flatMap(({ event: { tenant } }) => tenant ?? []))].sort();
  return tenants.flatMap((tenant) => {
    const budget = budgetOf(tenant);
    const spans = runs.filter(({ event }) => event.tenant === tenant).flatMap((run) => run.spans);
    const limits = budget ? limitsOf(budget, prices) : [];
    return limits.map((limit) => ({ tenant, month, ...monthSpent(spans, limit, prices) }));
  });
}
