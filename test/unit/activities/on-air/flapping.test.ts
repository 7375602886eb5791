import { describe, expect, it } from 'vitest';
import { followed } from './followed.ts';
import { planned, type Trouble } from './planned-stream.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The signals that a run gets of a stream with these troubles. */
async function signalsOf(troubles: readonly Trouble[], untilMs: number) {
  const sent = [{ from: 0, to: untilMs }];
  const stream = (now: () => number) => planned({ segmentMs: 1_000, sent, troubles }, now);
  return (await followed({ stream, untilMs })).signals;
}

const every = (periodMs: number, lostMs: number, untilMs: number, kind: Trouble['kind'] = 'gone'): Trouble[] =>
  Array.from({ length: Math.floor(untilMs / periodMs) }, (_, n) => ({
    kind,
    from: (n + 1) * periodMs - lostMs,
    to: (n + 1) * periodMs,
  }));

describe('a stream that comes and goes', () => {
  it.each(['gone', 'down', 'freeze'] as const)('costs a run 10 signals and 12 an hour at most: %s', async (kind) => {
    const signals = await signalsOf(every(10_000, 6_000, 3 * hour, kind), 3 * hour);
    expect(signals.length).toBeGreaterThan(10);
    expect(signals.length).toBeLessThanOrEqual(10 + 3 * 12);
  });

  it('is never called on air without room for its next loss, which is signalled at once', async () => {
    const signals = await signalsOf(every(10_000, 5_000, 3 * hour), 3 * hour);
    const spans = signals.flatMap(({ state, at }, n) => (state === 'on-air' ? [(signals[n + 1]?.at ?? at) - at] : []));
    expect(spans.length).toBeGreaterThan(5);
    expect(Math.max(...spans)).toBeLessThanOrEqual(10_000);
  });

  it('says with a loss how late its return may be shown, and shows it then', async () => {
    const untilMs = hour;
    const signals = await signalsOf(every(10_000, 5_000, 20 * minute), untilMs);
    const last = signals.at(-1);
    const loss = signals.at(-2);
    expect(last?.state).toBe('on-air');
    expect(loss?.reason).toMatch(/its return is shown up to \d+m late/);
    expect((last?.at ?? untilMs) - 20 * minute).toBeLessThanOrEqual(10 * minute);
  });

  it('costs nothing where it is lost now and then', async () => {
    const signals = await signalsOf(every(20 * minute, minute, 3 * hour), 3 * hour);
    expect(signals).toHaveLength(1 + 2 * 9 - 1);
    expect(signals.every(({ reason = '' }) => !reason.includes('late'))).toBe(true);
  });
});
