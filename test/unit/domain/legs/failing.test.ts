import { describe, expect, it } from 'vitest';
import { failingOf, isReady } from '../../../../domain/legs/failing.ts';
import type { OnAir } from '../../../../domain/on-air.ts';
import type { EndReason } from '../../../../domain/phases.ts';
import type { PreparedLeg } from '../../../../domain/plan.ts';
import type { EventStatus, LegStatus } from '../../../../domain/report.ts';

const minute = 60_000;
const startsAt = 100 * minute;
const darkMs = minute / 2;
const plan = { warmUpMs: 15 * minute, startLeadMs: 10 * minute } as PreparedLeg;

const legOf = (status: Partial<EventStatus> | undefined, given: Partial<LegStatus> = {}): LegStatus =>
  ({
    name: 'main',
    begunAt: 0,
    ...(status && { status: { startsAt, entered: {}, windows: [], ...status } }),
    ...given,
  }) as LegStatus;
const failing = (leg: LegStatus) => failingOf(leg, plan, { startsAt, darkMs });
const onAir = (state: OnAir['state'], since: number): OnAir => ({ state, since });

describe('a leg that runs fails', () => {
  const later = startsAt + 10 * minute;
  it.each<[string, Partial<EventStatus>, since: number]>([
    ['without an encoder, from the start of the show', { entered: { 'waiting-for-encoder': 1 } }, startsAt],
    ['without an encoder that it had to wait for later', { entered: { 'waiting-for-encoder': later } }, later],
  ])('%s', (_, status, since) => {
    const leg = legOf({ phase: 'waiting-for-encoder', ...status });
    expect(failing(leg)).toMatchObject({ at: since + darkMs, since });
    // What viewers get is the fact, what the vendor says of the encoder is not.
    const watched = legOf({ phase: 'waiting-for-encoder', ...status, onAir: onAir('on-air', 1) });
    expect(failing(watched)).toBeUndefined();
  });

  it('since its encoder was last there, which is before it was known to be lost', () => {
    const windows = [{ from: startsAt, to: later - 5_000 }];
    const lost = legOf({ phase: 'encoder-lost', entered: { 'encoder-lost': later }, windows });
    expect(failing(lost)).toMatchObject({ at: later - 5_000 + darkMs, since: later - 5_000 });
  });

  it.each<[OnAir['state'], boolean]>([
    ['dark', true],
    ['frozen', true],
    ['gone', true],
    ['on-air', false],
    // A stream that could not be looked at may be well.
    ['unknown', false],
  ])('while it is live and viewers get %s: %s, and none is sent to it then', (state, isFailing) => {
    const leg = legOf({ phase: 'live', onAir: onAir(state, later) });
    expect(failing(leg)?.at).toBe(isFailing ? later + darkMs : undefined);
    expect(isReady(leg)).toBe(!isFailing);
  });

  it('since the last picture that viewers got', () => {
    const viewed = [{ from: startsAt, to: later - 8_000 }];
    expect(failing(legOf({ phase: 'live', onAir: onAir('frozen', later), viewed }))?.since).toBe(later - 8_000);
  });

  it('while its plan is being checked, from its warm-up or its begin on', () => {
    expect(failing(legOf(undefined))?.since).toBe(startsAt - plan.warmUpMs);
    expect(failing(legOf(undefined, { begunAt: later }))?.since).toBe(later);
    expect(failing(legOf(undefined, { begunAt: undefined }))).toBeUndefined();
  });
});

it.each<[EndReason, boolean]>([
  ['reached-end', false],
  ['stopped-by-operator', false],
  ['max-duration', false],
  ['cancelled', false],
  ['vod-unproved', false],
  ['encoder-gone', true],
  ['encoder-never-connected', true],
  ['allocation-failed', true],
  ['start-failed', true],
  ['output-failed', true],
])('a leg that ended with %s has failed: %s', (endReason, hasFailed) => {
  const leg = legOf({ phase: 'stopping', endReason, endDetail: 'its end', entered: { stopping: 7 } });
  expect(failing(leg)).toEqual(hasFailed ? { at: 7, since: 7, reason: `${endReason}: its end` } : undefined);
});
