import { expect, it } from 'vitest';
import { VendorError } from '../../../domain/errors.ts';
import { checkPlan } from '../../../plan/check.ts';
import { lookAheadOfAll } from '../../../vendors/look-ahead.ts';

it('says that the subscribers were not asked also where the look at the account was refused', async () => {
  const given = {
    eventId: 'final',
    title: 'Final',
    vendor: 'aws-ivs',
    duration: '1h',
    startsAt: '2030-01-01T00:00:00Z',
  };
  const checked = checkPlan(given, { now: Date.parse('2029-01-01T00:00:00Z') });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const facts = { vendor: 'aws-ivs', operation: 'ListChannels', kind: 'unauthorized' as const, message: 'refused' };
  const using = {
    accounts: { namesFor: () => ['default'] },
    drivers: () => Promise.reject(new VendorError(facts)),
    planned: async () => ({ events: 0 }),
  };
  expect(await lookAheadOfAll([{ leg: 'main', plan: checked.plan }], using)).toMatchObject({
    findings: [{ check: 'credentials', message: 'leg main: refused' }],
    unseen: [{ check: 'subscriber', reason: 'leg main: only a worker knows the subscribers of webhooks' }],
  });
});
