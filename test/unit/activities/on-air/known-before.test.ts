import { describe, expect, it } from 'vitest';
import { WatchedVariant } from '../../../../activities/on-air/variant.ts';
import { readPlaylist } from '../../../../domain/hls.ts';
import type { OnAir, OnAirState } from '../../../../domain/on-air.ts';
import { followed } from './followed.ts';
import { type PlannedStream, planned } from './planned-stream.ts';

const segmentMs = 2_000;
const beginMs = 100_000;
const untilMs = 300_000;
const sent = [{ from: 0, to: untilMs }];
/** Its encoder went away long before this worker looked. */
const left = { segmentMs, sent: [{ from: 0, to: 60_000 }] };

/** What a worker signals that goes on with what another one signalled. */
async function signalsOf(plan: Omit<PlannedStream, 'segmentMs'>, onAir: Omit<OnAir, 'since'>) {
  const stream = (now: () => number) => planned({ segmentMs, ...plan }, now);
  return (await followed({ stream, beginMs, untilMs, onAir: { ...onAir, since: 0 } })).signals;
}

const list = (uris: readonly string[]) => {
  const segments = uris.flatMap((uri) => ['#EXTINF:2.000,', uri]);
  const playlist = readPlaylist(['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...segments].join('\n'));
  if (playlist?.kind !== 'media') throw new Error('no playlist');
  return { kind: 'playlist', playlist } as const;
};
const failed = { kind: 'failed', why: 'the answer was 503' } as const;
const gone = { kind: 'gone', status: 404 } as const;

describe('what a worker before this one knew of viewers', () => {
  it.each([
    { state: 'frozen', reason: 'no new segment for 6 s' },
    { state: 'gone', reason: 'there is no playlist at the address (404)' },
    { state: 'unknown', reason: 'the answer was 503' },
  ] as const)('is not signalled again before it was looked: $state', async (onAir) => {
    expect((await signalsOf({ sent }, onAir)).map(({ state }) => state)).toEqual(['on-air']);
  });

  it('is no news where it is still so', async () => {
    expect(await signalsOf(left, { state: 'frozen', reason: 'no new segment for 6 s' })).toEqual([]);
  });

  it('was wrong with a variant or a segment, which is over when this one would have found it', async () => {
    const variants = ['low', 'high'];
    const reason = '1 of 2 variants give viewers nothing new: variant 1 of 2';
    const dead = { variant: 'low', from: 10_000 };
    expect(await signalsOf({ sent, variants, dead }, { state: 'on-air', reason })).toEqual([]);
    const [over, ...others] = await signalsOf({ sent, variants }, { state: 'on-air', reason });
    expect(others).toEqual([]);
    expect(over).toMatchObject({ state: 'on-air' });
    expect(over?.reason).toBeUndefined();
    expect((over?.at ?? 0) - beginMs).toBeGreaterThanOrEqual(120_000);
  });

  it('is not over when a list comes back that was left before', async () => {
    const troubles = [{ kind: 'gone' as const, from: beginMs - 10_000, to: 200_000 }];
    const signals = await signalsOf({ ...left, troubles }, { state: 'gone', reason: 'gone' });
    expect(signals.map(({ state }) => state)).toEqual(['gone', 'frozen']);
  });
});

/** The states of a stream at looks two seconds apart, which is a target duration. */
const statesOf = (before: OnAirState, looks: readonly (ReturnType<typeof list> | typeof failed | typeof gone)[]) => {
  const variant = new WatchedVariant(before);
  return looks.map((look, i) => {
    variant.take(look, i * segmentMs);
    return variant.state;
  });
};

describe('the first list of a stream', () => {
  const old = list(['7.ts', '8.ts']);

  it('is old where the look before it had no answer', () => {
    expect(statesOf('dark', [failed, old, old])).toEqual(['dark', 'dark', 'dark']);
    expect(statesOf('dark', [gone, old])).toEqual(['dark', 'on-air']);
  });

  it('is old where the stream was on air before, and is not on air for ever without a segment', () => {
    expect(statesOf('on-air', [gone, old, old, old, old])).toEqual(['on-air', 'on-air', 'on-air', 'on-air', 'frozen']);
    const empty = list([]);
    expect(statesOf('on-air', [empty, empty, empty, empty]).at(-1)).toBe('frozen');
    expect(statesOf('gone', [gone, gone, old, list(['7.ts', '8.ts', '9.ts'])]).slice(-2)).toEqual(['gone', 'on-air']);
  });
});
