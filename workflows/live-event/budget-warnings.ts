import { type BudgetReached, budgetReachedOf } from '../../domain/usage/tenant-budget.ts';
import type { WarningName } from '../../domain/webhooks/webhook.ts';

/** What a run has been warned of. */
export class BudgetWarnings {
  readonly #warned = new Set<string>();

  /** The warning of a share of a month; undefined where it was given before, or what came is none for this tenant. */
  of(sent: unknown, tenant: string | undefined): (BudgetReached & { name: WarningName }) | undefined {
    const reached = budgetReachedOf(sent);
    if (!reached || reached.tenant !== tenant) return undefined;
    const { month, unit, share, stops = false } = reached;
    const key = `${month} ${unit} ${share} ${stops}`;
    if (this.#warned.has(key)) return undefined;
    this.#warned.add(key);
    return { ...reached, name: share === 1 ? 'budget-spent' : 'budget-near' };
  }
}
