import { z } from 'zod';
import { type Checked, unlessProblems } from '../domain/configuration/checked.ts';
import type { Problem } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { problemsOf } from '../domain/problems.ts';
import { type PriceList, priceOf } from '../domain/usage/prices.ts';
import type { TenantBudget } from '../domain/usage/tenant-budget.ts';
import { billsOf } from './bills.ts';
import { tenantSchema } from './texts.ts';

/** What the events of a tenant may use in a month: `budget` in its entry of the section `tenants`. */
export const budgetSchema = z
  .strictObject({
    minutes: z.number().positive().max(100_000_000).optional(),
    money: z.number().positive().optional(),
    onLimit: z.enum(['warn', 'refuse', 'stop']).default('warn'),
  })
  .check(({ value, issues }) => {
    if (value.minutes !== undefined || value.money !== undefined) return;
    issues.push({ code: 'custom', message: 'has neither minutes nor money: give one of them, or both', input: value });
  });

/** The quotas in the entries are the API's. */
const tenantsSchema = z.record(tenantSchema, z.looseObject({ budget: budgetSchema.optional() }));

export type BudgetOf = (tenant: string) => TenantBudget | undefined;

export interface BudgetSources {
  /** Where it could not be read, no price is looked for. */
  prices: Checked<PriceList | undefined>;
  /** The accounts that events may use: each thing that they bill must have a price; empty where they are not known. */
  accounts?: readonly { vendor: string; account: string }[];
}

/** The budgets in the section `tenants`, or what is wrong with them; `*` is every tenant without one of its own. */
export function readBudgets(section: Json | undefined, { prices, accounts = [] }: BudgetSources): Checked<BudgetOf> {
  const given = section ?? {};
  const { data = {}, error } = tenantsSchema.safeParse(given);
  const problems = problemsOf(given, error?.issues ?? [], tenantsSchema, ['tenants']);
  const budgets = new Map<string, TenantBudget>();
  for (const [tenant, { budget }] of Object.entries(data)) {
    if (!budget) continue;
    const { minutes, money, onLimit } = budget;
    budgets.set(tenant, { onLimit, ...(minutes !== undefined && { minutes }), ...(money !== undefined && { money }) });
    if (money !== undefined && prices.ok)
      problems.push(...unpriced(`tenants.${tenant}.budget.money`, prices.value, accounts));
  }
  return unlessProblems(problems, () => (tenant) => budgets.get(tenant) ?? budgets.get('*'));
}

/** A budget in money must not be passed by what has no price. */
function unpriced(
  path: string,
  prices: PriceList | undefined,
  accounts: NonNullable<BudgetSources['accounts']>,
): Problem[] {
  if (!prices) return [{ path, message: 'needs the section prices: add a price list, or give minutes' }];
  const lacking = accounts.flatMap((of) =>
    billsOf(of.vendor)
      .filter((bill) => !bill.goesOn && !priceOf(prices, of, bill))
      .map(({ resource, state }) => `${of.vendor} ${resource}, ${state}`),
  );
  return [...new Set(lacking)].map((what) => ({
    path,
    message: `needs a price without a class for ${what} in the section prices`,
  }));
}
