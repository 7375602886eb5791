import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FanOut } from '../../../api/streams/fan-out.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Looks at `state`, and remembers each look. */
function watched(state: { value: number; error?: Error }) {
  const looks: string[] = [];
  const fanOut = new FanOut<number>({
    look: async (key) => {
      looks.push(key);
      if (state.error) throw state.error;
      return state.value;
    },
    everyMs: 1_000,
    isLast: (value) => value === 9,
    isHopeless: (error) => error === state.error && (error as Error).message === 'gone',
  });
  const seen: unknown[] = [];
  const viewer = { seen: ({ value }: { value: number }) => seen.push(value), trouble: (e: unknown) => seen.push(e) };
  return { fanOut, looks, seen, viewer, watch: () => fanOut.watch('it', viewer) };
}

describe('a fan-out', () => {
  it('looks once however many watch, and tells a change to all', async () => {
    const state = { value: 1 };
    const { fanOut, looks, seen, watch } = watched(state);
    watch();
    await vi.advanceTimersByTimeAsync(0);
    const late: number[] = [];
    fanOut.watch('it', { seen: ({ value }) => late.push(value), trouble: () => {} });
    expect(late).toEqual([1]);
    state.value = 2;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(looks).toHaveLength(4);
    expect([seen, late]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('tells after trouble what it told before, so that its end is known', async () => {
    const state: { value: number; error?: Error } = { value: 1 };
    const { seen, watch } = watched(state);
    watch();
    await vi.advanceTimersByTimeAsync(0);
    state.error = new Error('away');
    await vi.advanceTimersByTimeAsync(1_000);
    const { error } = state;
    state.error = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen).toEqual([1, error, 1]);
  });

  it('does not look while nobody watches, and begins anew with the next', async () => {
    const { looks, seen, watch } = watched({ value: 1 });
    const stop = watch();
    await vi.advanceTimersByTimeAsync(1_000);
    stop();
    const before = looks.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks).toHaveLength(before);
    watch();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual([1, 1]);
  });

  it('tells trouble, looks more seldom, and goes on', async () => {
    const state: { value: number; error?: Error } = { value: 1, error: new Error('away') };
    const { looks, seen, watch } = watched(state);
    watch();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(looks).toHaveLength(1);
    const { error } = state;
    state.error = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen).toEqual([error, 1]);
  });

  it.each([
    ['the last value', { value: 9 }, 9],
    ['hopeless trouble', { value: 1, error: new Error('gone') }, new Error('gone')],
  ])('looks no more after %s, which is told to those who come later too', async (_what, state, told) => {
    const { looks, seen, watch, fanOut, viewer } = watched(state);
    watch();
    await vi.advanceTimersByTimeAsync(60_000);
    fanOut.watch('it', { ...viewer });
    expect(looks).toHaveLength(1);
    expect(seen).toEqual([told, told]);
  });
});
