import { describe, expect, it } from 'vitest';
import { outcomeOf, phaseOf, unrecordedLegs } from '../../../../domain/legs/outcome.ts';
import type { EndReason, Phase } from '../../../../domain/phases.ts';
import type { LegStatus } from '../../../../domain/report.ts';

const proved = [{ proof: { proved: true } }];
const leg = (name: string, endReason: EndReason, seconds: number, vod: object[] = proved): LegStatus =>
  ({
    name,
    vendor: name === 'main' ? 'aws-ivs' : 'alibaba-oss',
    begunAt: 0,
    status: { endReason, endDetail: 'its end', vod, audit: [], windows: [{ from: 0, to: seconds * 1000 }] },
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

describe('a leg that ended well without a recording', () => {
  const plans = ['main', 'backup'].map((name) => ({ name, plan: {} })) as never;
  const stopped = (audit: object[] = []) => {
    const { status, ...rest } = leg('backup', 'stopped-by-operator', 0, []);
    return { ...rest, status: { ...status, windows: [], audit } } as never as LegStatus;
  };
  const main = (endReason: EndReason, vod?: object[]) => leg('main', endReason, 600, vod);
  const endOf = (legs: LegStatus[], require: 'any' | 'all') =>
    outcomeOf(legs, require, undefined, unrecordedLegs(legs, plans));

  it('did not do its part', () => {
    const legs = [main('stopped-by-operator'), stopped()];
    expect(endOf(legs, 'all')).toEqual({
      reason: 'vod-unproved',
      detail:
        'the plan requires the recordings of all legs: leg backup (alibaba-oss): stopped-by-operator: its end, without a recording',
    });
    expect(endOf(legs, 'any')).toMatchObject({
      reason: 'stopped-by-operator',
      detail: expect.stringMatching(/^leg main \(aws-ivs\): its end; failed: leg backup .*, without a recording$/),
    });
  });

  it('leaves nothing green where the recording of the other is not proved either', () => {
    const legs = [main('vod-unproved', []), stopped()];
    expect(endOf(legs, 'any')).toMatchObject({ reason: 'vod-unproved', detail: expect.stringContaining('no leg did') });
  });

  it('did its part where its plan publishes none, an operator discarded it, or no leg sent anything', () => {
    const discards = stopped([{ action: 'stopNow', details: { keepRecording: false } }]);
    const unpublished = [{ name: 'backup', plan: { vod: { publish: false } } }] as never;
    expect(unrecordedLegs([main('reached-end'), discards], plans)).toEqual([]);
    expect(unrecordedLegs([main('reached-end'), stopped()], unpublished)).toEqual([]);
    expect(unrecordedLegs([stopped(), stopped()], plans)).toEqual([]);
  });
});

describe('the phase of an event with legs', () => {
  /** `-`: a leg that is held back; `x`: one that has ended; `?`: one that has reported nothing. */
  const legIn = (phase: string): LegStatus => {
    if (phase === '-') return {} as never;
    if (phase === '?') return { begunAt: 0 } as never;
    return (
      phase === 'x' ? { begunAt: 0, endedAt: 1, status: { phase: 'failed' } } : { begunAt: 0, status: { phase } }
    ) as never;
  };

  it.each<[legs: string, current: Phase, phase: Phase]>([
    // It goes on with the leg that has come furthest.
    ['? -', 'scheduled', 'scheduled'],
    ['starting allocating', 'scheduled', 'starting'],
    ['waiting-for-encoder live', 'waiting-for-encoder', 'live'],
    ['live encoder-lost', 'live', 'live'],
    ['live stopping', 'live', 'live'],
    // It never goes back before it was live.
    ['allocating x', 'creating-output', 'creating-output'],
    ['x -', 'starting', 'starting'],
    // A lost picture is lost until a leg has it again.
    ['encoder-lost waiting-for-encoder', 'live', 'encoder-lost'],
    ['waiting-for-encoder x', 'live', 'encoder-lost'],
    ['x allocating', 'encoder-lost', 'encoder-lost'],
    ['stopping waiting-for-encoder', 'live', 'encoder-lost'],
    ['live x', 'encoder-lost', 'live'],
    // It closes down as the leg that has most still to do.
    ['stopping live', 'live', 'live'],
    ['stopping cleaning-up', 'live', 'stopping'],
    ['publishing-vod cleaning-up', 'stopping', 'publishing-vod'],
    ['stopping cleaning-up', 'publishing-vod', 'publishing-vod'],
    ['cleaning-up completed', 'stopping', 'cleaning-up'],
    ['x x', 'cleaning-up', 'cleaning-up'],
    ['x -', 'live', 'live'],
  ])('with legs that are %s is after %s, %s', (legs, current, phase) => {
    expect(phaseOf(legs.split(' ').map(legIn), current)).toBe(phase);
  });
});
