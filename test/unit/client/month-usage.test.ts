import type { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { billedMinutes } from '../../../client/billed-minutes.ts';
import type { EventSummary } from '../../../client/listing.ts';
import { type MonthRun, usageOfMonth } from '../../../client/month-usage.ts';
import { spentBudgets } from '../../../client/spent-budgets.ts';
import { UsageMemory } from '../../../client/usage.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { monthOf } from '../../../domain/usage/month.ts';

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

  it('are those of every event of a month that has many, and each event is read once', async () => {
    const now = Date.now();
    let asked = 0;
    const client = {
      async *listRuns(query: string): AsyncGenerator<EventSummary> {
        // What the events of an account share is in no budget, and need not be looked for.
        expect(query).not.toContain('ShowcallerVendor');
        if (!query.includes('CloseTime IS NULL')) return;
        for (let n = 0; n < 3_000; n += 1) {
          const { event } = runOf('acme', 1, `e-${n}`);
          yield {
            ...event,
            run: { workflowId: `w-${n}`, runId: `r-${n}`, startedAt: now - 60_000, closedAt: now - 1 },
          };
        }
      },
      status: async () => {
        asked += 1;
        const nothing = { windows: [], sessions: [], entered: {}, released: true };
        return { ...nothing, vendor: 'aws-ivs', account: 'default', phase: 'completed' } as unknown as EventStatus;
      },
    };
    const memory = new UsageMemory();
    for (const _ of [1, 2]) {
      const { runs } = await usageOfMonth(client, {} as Client, monthOf(now), memory);
      expect(runs.length).toBe(3_000);
    }
    expect(asked).toBe(3_000);
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
