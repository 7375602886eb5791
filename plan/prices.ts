import { z } from 'zod';
import { accepted, type Checked, unlessProblems } from '../domain/configuration/checked.ts';
import type { Json } from '../domain/json.ts';
import { problemsOf } from '../domain/problems.ts';
import type { PriceList } from '../domain/usage/prices.ts';

const price = z.strictObject({
  vendor: z.string(),
  account: z.string().optional(),
  resource: z.string(),
  state: z.enum(['standby', 'running', 'input']),
  class: z.string().optional(),
  perHour: z.number().min(0),
  source: z.string().min(1).max(500).optional(),
});

/** The operator's price list: a file of its own, or the section `prices` of the configuration file. */
const priceListSchema = z.strictObject({
  $schema: z.string().optional(),
  currency: z.string().min(1).max(20),
  asOf: z.string().min(1).max(100),
  prices: z.array(price).max(1_000),
});

/** The list, or everything that is wrong with it. */
export function readPriceList(given: Json, path: string[] = []): Checked<PriceList> {
  const { data, error } = priceListSchema.safeParse(given);
  const problems = problemsOf(given, error?.issues ?? [], priceListSchema, path);
  return unlessProblems(problems, () => data as PriceList);
}

/** The section `prices` of the configuration file. */
export const readPrices = (section: Json | undefined): Checked<PriceList | undefined> =>
  section === undefined ? accepted(undefined) : readPriceList(section, ['prices']);
