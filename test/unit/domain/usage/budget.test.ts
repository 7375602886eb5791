import { expect, it } from 'vitest';
import { type Counted, spentOf } from '../../../../domain/usage/budget.ts';
import type { Billed } from '../../../../domain/usage/usage.ts';
import { billsOf } from '../../../../plan/bills.ts';

const ref = { vendor: 'v', account: 'default', name: 'sc-final', workflowId: 'live-event/final' };
const sending = (from: number): Billed => ({
  channel: { ref, details: {} },
  encoder: 'connected',
  phase: 'live',
  entered: {},
  windows: [{ from, to: from }],
  sessions: [],
  released: false,
});
const ivs = (from: number): Counted => ({ status: sending(from), bills: billsOf('aws-ivs') });

it('is spent by what is billed now, and says when the next share is reached', () => {
  expect(spentOf([ivs(0)], 100_000, 50_000)).toEqual({ usedMs: 50_000, nextAt: 80_000 });
  expect(spentOf([ivs(0)], 100_000, 80_000)).toEqual({ usedMs: 80_000, reached: 0.8, nextAt: 100_000 });
  expect(spentOf([ivs(0)], 100_000, 120_000)).toEqual({ usedMs: 120_000, reached: 1 });
});

it('is spent by all legs together, twice as fast while both send', () => {
  expect(spentOf([ivs(0), ivs(20_000)], 100_000, 30_000)).toEqual({ usedMs: 40_000, nextAt: 50_000 });
});

it('does not go on while nothing is billed', () => {
  const lost: Counted = {
    ...ivs(0),
    status: { ...sending(0), encoder: 'lost', windows: [{ from: 0, to: 30_000 }] },
  };
  expect(spentOf([lost], 100_000, 70_000)).toEqual({ usedMs: 30_000 });
});

it('does not count the streaming endpoint, which the account shares', () => {
  const billing = [
    { resource: 'live event', name: 'sc-final', state: 'running' as const, at: 10_000 },
    { resource: 'streaming endpoint', name: 'default', state: 'running' as const, at: 10_000 },
  ];
  const status = { ...sending(20_000), billing };
  const azure = { status, bills: billsOf('azure-media-services') };
  expect(spentOf([azure], 100_000, 40_000)).toMatchObject({ usedMs: 30_000, nextAt: 90_000 });
});
