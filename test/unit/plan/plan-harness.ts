import { type CheckContext, checkPlan } from '../../../plan/check.ts';
import { fakeVendors } from './fake-vendors.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const now = Date.UTC(2026, 11, 1, 12);
export const startsAt = '2026-12-01T18:00:00Z';
export const endsAt = '2026-12-01T19:00:00Z';
export const start = Date.parse(startsAt);
export const minimal = { eventId: 'town-hall', vendor: 'able', startsAt, endsAt };

const check = (input: unknown, context: Partial<CheckContext> = {}) =>
  checkPlan(input, { now, vendors: fakeVendors, ...context });

export function problemsOf(input: unknown, context?: Partial<CheckContext>) {
  const checked = check(input, context);
  return checked.ok ? [] : checked.problems;
}

export function preparedOf(input: unknown, context?: Partial<CheckContext>) {
  const checked = check(input, context);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems, null, 2));
  return checked.plan;
}
