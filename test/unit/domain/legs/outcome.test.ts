import { expect, it } from 'vitest';
import { outcomeOf } from '../../../../domain/legs/outcome.ts';
import type { EndReason } from '../../../../domain/phases.ts';
import type { LegStatus } from '../../../../domain/report.ts';

const proved = [{ proof: { proved: true } }];
const leg = (name: string, endReason: EndReason, seconds: number, vod: object[] = proved): LegStatus =>
  ({
    name,
    vendor: name === 'main' ? 'aws-ivs' : 'alibaba-oss',
    begunAt: 0,
    status: { endReason, endDetail: 'its end', vod, windows: [{ from: 0, to: seconds * 1000 }] },
  }) as never;

it('an event ends as the leg that was on air at the end, though another recorded more', () => {
  const legs = [leg('main', 'encoder-gone', 3000), leg('backup', 'reached-end', 600)];
  expect(outcomeOf(legs, 'any', 'backup')).toEqual({
    reason: 'reached-end',
    detail: 'leg backup (alibaba-oss): its end',
  });
  expect(outcomeOf(legs, 'any').reason).toBe('encoder-gone');
});

it('but not as one whose recording is not proved, or that did not do its part', () => {
  const without = [leg('main', 'encoder-gone', 3000), leg('backup', 'reached-end', 600, [])];
  expect(outcomeOf(without, 'any', 'backup').reason).toBe('encoder-gone');
  const failed = [leg('main', 'reached-end', 3000), leg('backup', 'vod-unproved', 600)];
  expect(outcomeOf(failed, 'any', 'backup')).toMatchObject({
    reason: 'reached-end',
    detail: expect.stringMatching(/^leg main \(aws-ivs\): its end; failed: leg backup/),
  });
});
