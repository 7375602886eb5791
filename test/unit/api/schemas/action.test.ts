import { expect, it } from 'vitest';
import { extendBody, rescheduleBody } from '../../../../api/schemas/action.ts';

it('an instant of an action is checked before its event is asked, which may have no worker', () => {
  const problems = extendBody.safeParse({ reason: 'more', endsAt: '275760-09-13T00:00:00Z' }).error?.issues;
  expect(problems).toMatchObject([{ path: ['endsAt'], message: expect.stringContaining('ISO 8601') }]);
  const moved = { reason: 'rain', startsAt: '2026-12-01 18:00', endsAt: 'x' };
  expect(rescheduleBody.safeParse(moved).error?.issues.map(({ path }) => path)).toEqual([['startsAt'], ['endsAt']]);
  expect(extendBody.safeParse({ reason: 'more', endsAt: '2026-12-01T19:30:00+01:00' }).success).toBe(true);
});
