import { describe, expect, it } from 'vitest';
import { billedMinutes } from '../../../client/billed-minutes.ts';
import type { MonthRun } from '../../../client/month-usage.ts';
import { spentBudgets } from '../../../client/spent-budgets.ts';

const minute = 60_000;
const of = { vendor: 'aws-ivs', account: 'default', resource: 'channel', state: 'input' as const };

const runOf = (tenant: string, minutes: number, name = `sc-${tenant}`): MonthRun => ({
  event: { eventId: name, key: name, tenant, workflowStatus: 'COMPLETED' },
  spans: [{ ...of, name, from: 0, to: minutes * minute }],
});

describe('the minutes of a month', () => {
  it('are summed by tenant, vendor, account, resource and state, what two runs saw of one channel once', () => {
    const runs = [runOf('acme', 10), runOf('acme', 15), runOf('acme', 5, 'sc-other'), runOf('bolt', 1)];
    expect(billedMinutes({ runs }, 10)).toEqual([
      { tenant: 'acme', ...of, minutes: 20 },
      { tenant: 'bolt', ...of, minutes: 1 },
    ]);
  });

  it('are few series, however many tenants there are: none of the minutes is lost', () => {
    const runs = Array.from({ length: 1_000 }, (_, n) => runOf(`t-${n}`, n + 1));
    const found = billedMinutes({ runs }, 500);
    expect(found.length).toBe(501);
    expect(found.at(-1)).toMatchObject({ tenant: '(others)', minutes: (500 * 501) / 2 });
    expect(found.reduce((sum, { minutes }) => sum + minutes, 0)).toBe((1_000 * 1_001) / 2);
  });
});

it('the budgets that stand are those of the tenants that used something and have one', () => {
  const prices = { currency: 'EUR', asOf: 'x', prices: [{ ...of, perHour: 6 }] };
  const budgetOf = (tenant: string) =>
    tenant === 'acme' ? { minutes: 25, money: 1.5, onLimit: 'warn' as const } : undefined;
  const found = spentBudgets({ runs: [runOf('acme', 20), runOf('bolt', 9)] }, { budgetOf, prices });
  expect(found).toMatchObject([
    { tenant: 'acme', unit: 'minutes', limit: 25, used: 20, reached: 0.8 },
    { tenant: 'acme', unit: 'money', limit: 1.5, used: 2, reached: 1, currency: 'EUR' },
  ]);
});
