import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bookingActivities } from '../../../activities/bookings.ts';
import type { BookingQuestion } from '../../../activities/contract.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import type { BudgetsPort, MonthUsed } from '../../../activities/ports.ts';
import { defaultBookingRules } from '../../../domain/booking/request.ts';
import type { TenantBudget } from '../../../domain/usage/tenant-budget.ts';

const startsAt = Date.parse('2026-11-30T23:30:00Z');
const account = { vendor: 'aws-ivs', account: 'default' };
const times = { allocateAt: startsAt, opensAt: startsAt, startsAt, endsAt: startsAt + 3_600_000 };
const questionOf = (tenant: string) => ({
  ...account,
  tenant,
  mayBeUnread: true as const,
  planned: [{ ...account, ...times, event: `${tenant}/final`, vendorOptions: {}, standby: false, pulls: false }],
});

function rulesWith(used: BudgetsPort['used'], onLimit: TenantBudget['onLimit'] = 'refuse') {
  const budgets: BudgetsPort = { of: () => ({ minutes: 10, onLimit }), used, signal: async () => {} };
  const { bookingRules } = bookingActivities({
    budgets,
    bookingRules: () => defaultBookingRules,
  } as unknown as ActivityDeps);
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const questions = (of: BookingQuestion[]) =>
    asyncLocalStorage.run({ log } as unknown as Context, () => bookingRules(of));
  const ask = (...tenants: string[]) => questions(tenants.map(questionOf));
  return { ask, questions, warnings };
}

it('a month with more events of a tenant than are read is booked without its budget, other months and tenants are held to theirs', async () => {
  const { ask, warnings } = rulesWith(async (tenant, month) =>
    `${tenant} ${month}` === 'acme 2026-11' ? undefined : { events: [], assumed: 0 },
  );
  const rules = await ask('acme', 'acme', 'bolt');
  expect(rules.map(({ budgets }) => budgets?.map(({ month }) => month))).toEqual([
    ['2026-12'],
    ['2026-12'],
    ['2026-11', '2026-12'],
  ]);
  expect(warnings).toEqual([expect.stringContaining('the budget of tenant acme is not held in 2026-11')]);
});

describe('a tenant whose month is slow to read', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const nothing: MonthUsed = { events: [], assumed: 0 };

  const monthsIn = (rules: Awaited<ReturnType<ReturnType<typeof rulesWith>['ask']>>) =>
    rules.map(({ budgets = [] }) => {
      const monthsOf = (isUnread: boolean) =>
        budgets.filter((room) => (room.isUnread ?? false) === isUnread).map(({ month }) => month);
      return { known: monthsOf(false), unread: monthsOf(true) };
    });
  const all = ['2026-11', '2026-12'];

  it.each([
    ['that does not answer', () => new Promise<never>(() => {}), 'is not read after 2 s'],
    ['that fails', () => Promise.reject(new Error('14 UNAVAILABLE')), '14 UNAVAILABLE'],
  ])('keeps no other tenant from its booking: one %s', async (_, used, why) => {
    const { ask, warnings } = rulesWith((tenant) => (tenant === 'acme' ? used() : Promise.resolve(nothing)));
    const rules = ask('acme', 'bolt');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(monthsIn(await rules)).toEqual([
      { known: [], unread: all },
      { known: all, unread: [] },
    ]);
    expect(warnings).toEqual(all.map((month) => expect.stringMatching(`tenant acme .* in ${month}.*${why}`)));
  });

  it('keeps nothing from being booked by a budget that only warns, which need not be read', async () => {
    const { ask, warnings } = rulesWith(() => new Promise<never>(() => {}), 'warn');
    expect(monthsIn(await ask('acme'))).toEqual([{ known: all, unread: [] }]);
    expect(warnings).toEqual([]);
  });

  it('fails those that do not know how to ask again, once, as a failure that their update has', async () => {
    const { questions } = rulesWith(() => Promise.reject(new Error('14 UNAVAILABLE')));
    const { mayBeUnread: _, ...former } = questionOf('acme');
    const failed = questions([former, questionOf('bolt')]);
    await expect(failed).rejects.toThrow(/tenant acme .*2026-11 and 2026-12.*try again/);
    await expect(failed).rejects.toMatchObject({ nonRetryable: true });
  });

  it('is read once, is waited for by the first booking alone, and is known to those that ask again', async () => {
    let read = (_: MonthUsed): void => {};
    let readings = 0;
    const { ask } = rulesWith((_, month) => {
      if (month !== '2026-11') return Promise.resolve(nothing);
      readings += 1;
      return new Promise((resolve) => {
        read = resolve;
      });
    });
    const first = ask('acme');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(monthsIn(await first)).toEqual([{ known: ['2026-12'], unread: ['2026-11'] }]);
    const second = ask('acme');
    await vi.advanceTimersByTimeAsync(0);
    expect(monthsIn(await second)).toEqual([{ known: ['2026-12'], unread: ['2026-11'] }]);
    await vi.advanceTimersByTimeAsync(20_000);
    read(nothing);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(monthsIn(await ask('acme'))).toEqual([{ known: all, unread: [] }]);
    expect(readings).toBe(1);
    // What was read is old then.
    await vi.advanceTimersByTimeAsync(30_000);
    void ask('acme');
    expect(readings).toBe(2);
  });

  it('is read anew where the reading never ends', async () => {
    let readings = 0;
    const { ask } = rulesWith((_, month) => {
      readings += month === '2026-11' ? 1 : 0;
      return readings === 1 && month === '2026-11' ? new Promise(() => {}) : Promise.resolve(nothing);
    });
    const first = ask('acme');
    await vi.advanceTimersByTimeAsync(130_000);
    await first;
    expect(monthsIn(await ask('acme'))).toEqual([{ known: all, unread: [] }]);
  });
});
