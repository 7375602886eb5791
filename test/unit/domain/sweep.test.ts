import { expect, it } from 'vitest';
import {
  contradicts,
  isElsewhere,
  isLeftAlone,
  isSilent,
  type SweepReport,
  whySweepFailed,
} from '../../../domain/sweep.ts';

const account = { vendor: 'aws-ivs', account: 'default', seen: 1 };
const ref = { vendor: 'aws-ivs', account: 'default', name: 'x', workflowId: 'live-event/x' };
const silent = { ...account, orphans: [{ ref, reason: isSilent, outcome: 'not released' as const }] };
const unlisted = { ...account, orphans: [], problem: 'the vendor does not answer' };
const report = (dryRun: boolean, ...accounts: SweepReport['accounts']) => ({ dryRun, accounts });

it('a sweep has failed where an account could not be listed or something was not released', () => {
  expect(whySweepFailed(report(false, silent))).toBe('not everything could be released');
  expect(whySweepFailed(report(false, unlisted))).toBe('not every account could be listed');
  expect(whySweepFailed(report(false, { ...account, orphans: [] }))).toBeUndefined();
});

it('a dry run has failed only where an account could not be listed: it tries to release nothing', () => {
  expect(whySweepFailed(report(true, silent))).toBeUndefined();
  expect(whySweepFailed(report(true, silent, unlisted))).toBe('not every account could be listed');
});

it('what lacks the name or the place of its run is left to a person, and nothing else', () => {
  for (const reason of [contradicts, isElsewhere]) expect(isLeftAlone(reason)).toBe(true);
  for (const reason of ['its run is over', 'its run has another channel', 'its run allocates later'] as const)
    expect(isLeftAlone(reason)).toBe(false);
});
