import { VendorError } from '../domain/errors.ts';
import { eventKey, workflowIdOf } from '../domain/ids.ts';
import { type PreparedPlan, specOf } from '../domain/plan.ts';
import { type CountPlanned, inOrder, type PlannedSpan, type Preflight } from '../domain/preflight.ts';
import { cuesOf } from '../domain/timeline.ts';
import type { Accounts } from './accounts.ts';
import type { Drivers } from './drivers.ts';

export interface LookAhead {
  accounts: Pick<Accounts, 'namesFor'>;
  drivers: Drivers;
  /** Counts what is planned in the account; rejects when it cannot. */
  planned(span: PlannedSpan, limit: number): ReturnType<CountPlanned>;
}

/** Looks at the account of a plan that has no run yet, with the accounts of this process. Never rejects for the vendor's sake. */
export async function lookAheadOf(
  plan: PreparedPlan,
  { accounts, drivers, planned }: LookAhead,
  tenant = plan.tenant,
): Promise<Preflight> {
  const { vendor, account, eventId, endsAt } = plan;
  const at = Date.now();
  // An account of other tenants does not exist for this one.
  if (!accounts.namesFor(vendor, tenant).includes(account)) {
    const reason = `this process has no account ${account} of ${vendor}: nothing was looked at`;
    return { at, findings: [], unseen: [{ check: 'credentials', reason }] };
  }
  const workflowId = workflowIdOf(eventKey(eventId, tenant));
  const span = { vendor, account, workflowId, from: cuesOf(plan, {}).allocateAt, to: endsAt };
  try {
    const driver = await drivers(vendor, account);
    const { name } = driver.refOf({ eventId: eventKey(eventId, tenant), workflowId });
    const look = await driver.preflight(specOf(plan, { workflowId, name }), (limit) => planned(span, limit));
    const subscribers = { check: 'subscriber' as const, reason: 'only a worker knows the subscribers of webhooks' };
    return { at, findings: inOrder(look.findings), unseen: inOrder([...look.unseen, subscribers]) };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    const { kind, message, advice = 'correct the settings of the account' } = error.facts;
    const check = kind === 'unauthorized' ? 'credentials' : 'place';
    return { at, findings: [{ check, message, advice }], unseen: [] };
  }
}
