import { expect, it } from 'vitest';
import { usageQuery, usageSpan } from '../../../api/schemas/usage.ts';

const now = Date.UTC(2026, 10, 29, 12);

it('without a span it is this month until now', () => {
  expect(usageSpan({}, now)).toEqual({ from: Date.UTC(2026, 10), to: now });
});

it('from 1970 on is from 1970 on, and not from the first of this month', () => {
  expect(usageSpan({ from: '1970-01-01T00:00:00Z' }, now)).toEqual({ from: 0, to: now });
  expect(usageQuery.safeParse({ to: '1970-01-01T00:00:00Z' }).success).toBe(false);
});
