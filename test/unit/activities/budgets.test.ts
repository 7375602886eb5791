import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { afterEach, expect, it, vi } from 'vitest';
import { lookAtBudgets } from '../../../activities/budgets.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import type { BudgetsPort } from '../../../activities/ports.ts';

const now = Date.parse('2026-11-15T12:00:00Z');
const span = { vendor: 'aws-ivs', account: 'default', resource: 'channel', state: 'input' as const, name: 'sc-final' };

afterEach(() => void vi.useRealTimers());

function looked(unreadable: string[], unheld: string[] = [], slow: Promise<unknown> = Promise.resolve()) {
  const signalled: string[] = [];
  const budgets: BudgetsPort = {
    of: () => ({ minutes: 10, onLimit: 'stop' }),
    used: async (tenant) => {
      if (unreadable.includes(tenant)) throw new Error(`more than 2000 events of ${tenant}`);
      if (unheld.includes(tenant)) return undefined;
      if (tenant === 'acme') await slow;
      const running = { workflowId: `live-event/${tenant}/final`, runId: tenant, phase: 'live' as const };
      return {
        events: [{ event: `${tenant}/final`, spans: [{ ...span, from: 0, to: 600_000 }], running }],
        assumed: 0,
      };
    },
    signal: async (workflowId) => void signalled.push(workflowId),
  };
  const lookAt = lookAtBudgets({ budgets, clock: { now: () => now } } as unknown as ActivityDeps);
  const warnings: string[] = [];
  const log = { warn: (message: string) => void warnings.push(message) };
  const again = () => asyncLocalStorage.run({ log } as unknown as Context, () => lookAt({ tenants: ['acme', 'bolt'] }));
  return { look: again, signalled, warnings };
}

it('a tenant whose month cannot be read keeps the budget of no other from being looked at', async () => {
  const { look, signalled, warnings } = looked(['acme']);
  expect(await look()).toEqual({ nextInMs: 10_000 });
  expect(signalled).toEqual(['live-event/bolt/final']);
  expect(warnings).toEqual([expect.stringContaining('cannot look at the budget of tenant acme')]);
});

it('a look at which no tenant can be read is tried again', async () => {
  const { look, signalled } = looked(['acme', 'bolt']);
  await expect(look()).rejects.toThrow('more than 2000 events of acme');
  expect(signalled).toEqual([]);
});

it('the budget of a tenant with more events than are read is not held, and the log says so', async () => {
  const { look, signalled, warnings } = looked([], ['acme']);
  expect(await look()).toEqual({ nextInMs: Date.parse('2026-12-01T00:00:00Z') - now });
  expect(signalled).toEqual(['live-event/bolt/final']);
  expect(warnings).toEqual([expect.stringContaining('the budget of tenant acme is not held')]);
});

it('a tenant whose month is slow to read keeps no budget of another waiting, and its own is looked at once it is read', async () => {
  vi.useFakeTimers();
  let read = () => {};
  const slow = new Promise<void>((resolve) => {
    read = resolve;
  });
  const { look, signalled, warnings } = looked([], [], slow);
  const first = look();
  await vi.advanceTimersByTimeAsync(0);
  expect(signalled).toEqual(['live-event/bolt/final']);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await first).toEqual({ nextInMs: 10_000 });
  expect(warnings).toEqual([expect.stringContaining('cannot look at the budget of tenant acme')]);
  await vi.advanceTimersByTimeAsync(5_000);
  read();
  await vi.advanceTimersByTimeAsync(5_000);
  await look();
  expect(signalled).toEqual(['live-event/bolt/final', 'live-event/acme/final']);
});

it.each([
  ['stop', []],
  ['warn', ['live-event/acme/final']],
] as const)(
  'what is assumed of an event whose plan cannot be read reaches a budget with onLimit %s: %j',
  async (onLimit, expected) => {
    const signalled: string[] = [];
    const running = { workflowId: 'live-event/acme/final', runId: 'r-1', phase: 'live' as const };
    const assumed = { event: 'acme/final', spans: [{ ...span, from: 0, to: 600_000 }], running };
    const budgets: BudgetsPort = {
      of: () => ({ minutes: 10, onLimit }),
      used: async () => ({ events: [{ ...assumed, unreadPlan: 'its plan cannot be read: 5 NOT_FOUND' }], assumed: 1 }),
      signal: async (workflowId) => void signalled.push(workflowId),
    };
    const lookAt = lookAtBudgets({ budgets, clock: { now: () => now } } as unknown as ActivityDeps);
    const warnings: string[] = [];
    const log = { warn: (message: string) => void warnings.push(message) };
    await asyncLocalStorage.run({ log } as unknown as Context, () => lookAt({ tenants: ['acme'] }));
    expect(signalled).toEqual(expected);
    expect(warnings).toEqual([expect.stringMatching(/tenant acme .*acme\/final.*5 NOT_FOUND/)]);
  },
);
