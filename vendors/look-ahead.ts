import { VendorError } from '../domain/errors.ts';
import { eventKey, legKeyOf, workflowIdOf } from '../domain/ids.ts';
import { type PreparedPlan, specOf } from '../domain/plan.ts';
import {
  type CountPlanned,
  inOrder,
  lookOfLegs,
  type PlannedSpan,
  type Preflight,
  type Unseen,
} from '../domain/preflight.ts';
import { cuesOf } from '../domain/timeline.ts';
import type { Accounts } from './accounts.ts';
import type { Drivers } from './drivers.ts';

export interface LookAhead {
  accounts: Pick<Accounts, 'namesFor'>;
  drivers: Drivers;
  /** Counts what is planned in the account; rejects when it cannot. */
  planned(span: PlannedSpan, limit: number): ReturnType<CountPlanned>;
}

/** The plan of an event, or of one of its legs. */
export interface Planned {
  leg?: string;
  plan: PreparedPlan;
}

/** Looks at the accounts of every leg. */
export async function lookAheadOfAll(legs: readonly Planned[], using: LookAhead, tenant?: string): Promise<Preflight> {
  const looked = await Promise.all(
    legs.map(async (one) => ({ leg: one.leg, ...(await lookAheadOf(one, using, tenant ?? one.plan.tenant)) })),
  );
  return { at: Math.max(...looked.map(({ at }) => at)), ...lookOfLegs(looked) };
}

const unknownSubscribers: Unseen = { check: 'subscriber', reason: 'only a worker knows the subscribers of webhooks' };

/** Looks at the account of a plan that has no run yet, with the accounts of this process. Never rejects for the vendor's sake. */
async function lookAheadOf(
  { plan, leg }: Planned,
  { accounts, drivers, planned }: LookAhead,
  tenant: string | undefined,
): Promise<Preflight> {
  const { vendor, account, eventId, endsAt } = plan;
  const at = Date.now();
  // An account of other tenants does not exist for this one.
  if (!accounts.namesFor(vendor, tenant).includes(account)) {
    const reason = `this process has no account ${account} of ${vendor}: nothing was looked at`;
    return { at, findings: [], unseen: [{ check: 'credentials', reason }] };
  }
  const key = leg === undefined ? eventKey(eventId, tenant) : legKeyOf(eventKey(eventId, tenant), leg);
  const workflowId = workflowIdOf(key);
  const span = { vendor, account, workflowId, from: cuesOf(plan, {}).allocateAt, to: endsAt };
  try {
    const driver = await drivers(vendor, account);
    const { name } = driver.refOf({ eventId: key, workflowId });
    const look = await driver.preflight(specOf(plan, { workflowId, name }), (limit) => planned(span, limit));
    return { at, findings: inOrder(look.findings), unseen: inOrder([...look.unseen, unknownSubscribers]) };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    const { kind, message, advice = 'correct the settings of the account' } = error.facts;
    const check = kind === 'unauthorized' ? 'credentials' : 'place';
    return { at, findings: [{ check, message, advice }], unseen: [unknownSubscribers] };
  }
}
