import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { expect, it } from 'vitest';
import { bookingActivities } from '../../../activities/bookings.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import type { BudgetsPort } from '../../../activities/ports.ts';

const startsAt = Date.parse('2026-11-30T23:30:00Z');
const account = { vendor: 'aws-ivs', account: 'default' };
const times = { allocateAt: startsAt, opensAt: startsAt, startsAt, endsAt: startsAt + 3_600_000 };
const questionOf = (tenant: string) => ({
  ...account,
  tenant,
  planned: [{ ...account, ...times, event: `${tenant}/final`, vendorOptions: {}, standby: false, pulls: false }],
});

it('a month with more events of a tenant than are read is booked without its budget, other months and tenants are held to theirs', async () => {
  const budgets: BudgetsPort = {
    of: () => ({ minutes: 10, onLimit: 'refuse' }),
    used: async (tenant, month) => (`${tenant} ${month}` === 'acme 2026-11' ? undefined : { events: [], assumed: 0 }),
    signal: async () => {},
  };
  const { bookingRules } = bookingActivities({ budgets } as unknown as ActivityDeps);
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const rules = await asyncLocalStorage.run({ log } as unknown as Context, () =>
    bookingRules(['acme', 'acme', 'bolt'].map(questionOf)),
  );
  expect(rules.map(({ budgets }) => budgets?.map(({ month }) => month))).toEqual([
    ['2026-12'],
    ['2026-12'],
    ['2026-11', '2026-12'],
  ]);
  expect(warnings).toEqual([expect.stringContaining('the budget of tenant acme is not held in 2026-11')]);
});
