import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FanOut } from '../../../../api/streams/fan-out.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Polls `state`, and records each poll. */
function watched(state: { value: number; error?: Error }) {
  const polls: string[] = [];
  const fanOut = new FanOut<number>({
    poll: async (key) => {
      polls.push(key);
      if (state.error) throw state.error;
      return state.value;
    },
    everyMs: 1_000,
    isLast: (value) => value === 9,
    isPermanent: (error) => error === state.error && (error as Error).message === 'gone',
  });
  const seen: unknown[] = [];
  const viewer = { changed: ({ value }: { value: number }) => seen.push(value), failed: (e: unknown) => seen.push(e) };
  return { fanOut, polls, seen, viewer, watch: () => fanOut.watch('it', viewer) };
}

describe('a fan-out', () => {
  it('polls once however many watch, and sends a change to all', async () => {
    const state = { value: 1 };
    const { fanOut, polls, seen, watch } = watched(state);
    watch();
    await vi.advanceTimersByTimeAsync(0);
    const late: number[] = [];
    fanOut.watch('it', { changed: ({ value }) => late.push(value), failed: () => {} });
    expect(late).toEqual([1]);
    state.value = 2;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(polls).toHaveLength(4);
    expect([seen, late]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('sends the value again after a failure, so that its end is known', async () => {
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

  it('says to one that comes while polls fail that the value is old, and why', async () => {
    const state: { value: number; error?: Error } = { value: 1 };
    const { fanOut, watch } = watched(state);
    watch();
    await vi.advanceTimersByTimeAsync(0);
    state.error = new Error('away');
    await vi.advanceTimersByTimeAsync(1_000);
    const late: unknown[] = [];
    fanOut.watch('it', { changed: ({ value }) => late.push(value), failed: (error) => late.push(error) });
    expect(late).toEqual([1, state.error]);
    state.error = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(late.slice(2)).toEqual([1]);
  });

  it('does not look while no stream is open, and begins anew with the next', async () => {
    const { polls, seen, watch } = watched({ value: 1 });
    const stop = watch();
    await vi.advanceTimersByTimeAsync(1_000);
    stop();
    const before = polls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(polls).toHaveLength(before);
    watch();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual([1, 1]);
  });

  it('reports a failure, polls more seldom, and goes on', async () => {
    const state: { value: number; error?: Error } = { value: 1, error: new Error('away') };
    const { polls, seen, watch } = watched(state);
    watch();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(polls).toHaveLength(1);
    const { error } = state;
    state.error = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen).toEqual([error, 1]);
  });

  it.each([
    ['the last value', { value: 9 }, 9],
    ['a permanent error', { value: 1, error: new Error('gone') }, new Error('gone')],
  ])('polls no more after %s, which later watchers get too', async (_what, state, expected) => {
    const { polls, seen, watch, fanOut, viewer } = watched(state);
    watch();
    await vi.advanceTimersByTimeAsync(60_000);
    fanOut.watch('it', { ...viewer });
    expect(polls).toHaveLength(1);
    expect(seen).toEqual([expected, expected]);
  });
});
