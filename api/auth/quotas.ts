import { z } from 'zod';
import { type Checked, unlessProblems } from '../../domain/configuration/checked.ts';
import type { Json } from '../../domain/json.ts';
import { problemsOf } from '../../domain/problems.ts';
import { budgetSchema } from '../../plan/budgets.ts';
import { tenantSchema } from '../../plan/texts.ts';

/** What the callers of one tenant may use together. */
export interface Quotas {
  /** Events that are not over. */
  events: number;
  schedules: number;
  /** Streams open at once, at one API process. */
  streams: number;
  /** Requests in a minute, at one API process. */
  requestsPerMinute: number;
}

export const defaultQuotas: Quotas = { events: 100, schedules: 50, streams: 100, requestsPerMinute: 3_000 };

export type QuotasOf = (tenant: string) => Quotas;

const count = z.int().min(0).max(1_000_000).optional();
const quotasSchema = z.strictObject({
  events: count,
  schedules: count,
  streams: count,
  requestsPerMinute: count,
  budget: budgetSchema.optional(),
});
/** The section `tenants` of the configuration file; `*` is every tenant that has no entry of its own for a quota. */
const tenantsSchema = z.record(tenantSchema, quotasSchema);

/** The quotas of the section, or everything that is wrong with them. */
export function readQuotas(section: Json | undefined): Checked<QuotasOf> {
  const given = section ?? {};
  const parsed = tenantsSchema.safeParse(given);
  const problems = problemsOf(given, parsed.error?.issues ?? [], tenantsSchema, ['tenants']);
  const entries = new Map(Object.entries(parsed.data ?? {}));
  const usual = { ...defaultQuotas, ...entries.get('*') };
  return unlessProblems(problems, () => (tenant) => ({ ...usual, ...entries.get(tenant) }));
}
