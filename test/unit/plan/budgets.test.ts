import { expect, it } from 'vitest';
import { accepted } from '../../../domain/configuration/checked.ts';
import type { Json } from '../../../domain/json.ts';
import { readBudgets } from '../../../plan/budgets.ts';

const prices = {
  currency: 'USD',
  asOf: '2026-11-01',
  prices: [
    { vendor: 'aws-ivs', resource: 'channel', state: 'input', class: 'STANDARD', perHour: 2 } as const,
    { vendor: 'alibaba-oss', resource: 'live channel', state: 'input', perHour: 1 } as const,
  ],
};
const accounts = [
  { vendor: 'aws-ivs', account: 'default' },
  { vendor: 'alibaba-oss', account: 'default' },
];
const problems = (section: Json, list?: typeof prices) => {
  const read = readBudgets(section, { prices: accepted(list), accounts });
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path} ${message}`);
};

it('gives a tenant its own budget, and every other one that of *', () => {
  const section = { acme: { events: 5, budget: { minutes: 60, onLimit: 'refuse' } }, '*': { budget: { minutes: 10 } } };
  const read = readBudgets(section, { prices: accepted(undefined) });
  expect(read.ok && [read.value('acme'), read.value('other')]).toEqual([
    { minutes: 60, onLimit: 'refuse' },
    { minutes: 10, onLimit: 'warn' },
  ]);
  const none = readBudgets(undefined, { prices: accepted(undefined) });
  expect(none.ok && none.value('acme')).toBe(undefined);
});

it('says everything that is wrong', () => {
  const wrong = problems({
    acme: { budget: {} },
    b: { budget: { minutes: -1, onLimit: 'kill' } },
    c: { budget: { hours: 1 } },
  });
  expect(wrong).toEqual([
    expect.stringContaining('tenants.acme.budget has neither minutes nor money'),
    expect.stringContaining('tenants.b.budget.minutes'),
    expect.stringContaining('tenants.b.budget.onLimit'),
    expect.stringContaining('tenants.c.budget.hours'),
    expect.stringContaining('tenants.c.budget has neither'),
  ]);
});

it('wants a price for everything that a budget in money must count', () => {
  const section = { acme: { budget: { money: 5 } } };
  expect(problems(section)).toEqual([
    'tenants.acme.budget.money needs the section prices: add a price list, or give minutes',
  ]);
  expect(problems(section, prices)).toEqual([
    'tenants.acme.budget.money needs a price without a class for aws-ivs channel, input in the section prices',
  ]);
});
