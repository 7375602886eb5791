import { expect, it } from 'vitest';
import { VendorError } from '../../../domain/errors.ts';
import type { PreparedPlan } from '../../../domain/plan.ts';
import { isFor } from '../../../domain/tenants.ts';
import { checkPlan } from '../../../plan/check.ts';
import { lookAheadOfAll } from '../../../vendors/look-ahead.ts';

const facts = { vendor: 'aws-ivs', operation: 'ListChannels', kind: 'unauthorized' as const, message: 'refused' };

function planOf(tenant?: string): PreparedPlan {
  const given = {
    eventId: 'final',
    title: 'Final',
    vendor: 'aws-ivs',
    duration: '1h',
    startsAt: '2030-01-01T00:00:00Z',
  };
  const checked = checkPlan(given, { now: Date.parse('2029-01-01T00:00:00Z') });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return { ...checked.plan, ...(tenant !== undefined && { tenant }) };
}

/** The account is of these tenants, or of all; its vendor refuses. */
function accountOf(tenants?: readonly string[]) {
  const asked: string[] = [];
  const using = {
    accounts: { namesFor: (_: string, tenant: string | undefined) => (isFor(tenants, tenant) ? ['default'] : []) },
    drivers: (vendor: string, account: string) => {
      asked.push(`${vendor}/${account}`);
      return Promise.reject(new VendorError(facts));
    },
    planned: async () => ({ events: 0 }),
  };
  return { using, asked };
}

it('says that the subscribers were not asked also where the look at the account was refused', async () => {
  expect(await lookAheadOfAll([{ leg: 'main', plan: planOf() }], accountOf().using)).toMatchObject({
    findings: [{ check: 'credentials', message: 'leg main: refused' }],
    unseen: [{ check: 'subscriber', reason: 'leg main: only a worker knows the subscribers of webhooks' }],
  });
});

it.each<
  [
    of: string,
    tenants: readonly string[] | undefined,
    asks: string | undefined,
    plan: string | undefined,
    isLooked: boolean,
  ]
>([
  ['all, by a tenant', undefined, 'north', undefined, true],
  ['all, by a caller without a tenant', undefined, undefined, undefined, true],
  ['a tenant, by that tenant', ['north'], 'north', undefined, true],
  ['a tenant, for a plan of it', ['north'], undefined, 'north', true],
  ['a tenant, by another', ['north'], 'south', undefined, false],
  ['a tenant, by another, with a plan that names it', ['north'], 'south', 'north', false],
  ['a tenant, by a caller without a tenant', ['north'], undefined, undefined, false],
])('an account of %s: it is looked at only by those who may use it', async (_, tenants, asks, tenant, isLooked) => {
  const { using, asked } = accountOf(tenants);
  const { findings, unseen } = await lookAheadOfAll([{ plan: planOf(tenant) }], using, asks);
  expect(asked).toEqual(isLooked ? ['aws-ivs/default'] : []);
  // Not even that the account is there is said to others.
  const reason = 'this process has no account default of aws-ivs: nothing was looked at';
  if (!isLooked) expect({ findings, unseen }).toEqual({ findings: [], unseen: [{ check: 'credentials', reason }] });
});
