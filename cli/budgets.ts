import { orThrow } from '../domain/configuration/checked.ts';
import { readBudgets } from '../plan/budgets.ts';
import { readPrices } from '../plan/prices.ts';
import { readConfigFile } from '../vendors/config.ts';
import { sourcesWith } from './sources.ts';

/** By the configuration file of this process, where it has one; else the run itself knows it. */
export function countsBudget(tenant: string): boolean {
  const { prices, tenants } = orThrow(readConfigFile(sourcesWith({})));
  return orThrow(readBudgets(tenants, { prices: readPrices(prices) }))(tenant) !== undefined;
}
