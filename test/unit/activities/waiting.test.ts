import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pause, within } from '../../../activities/waiting.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

const never = new Promise<string>(() => {});
/** What a promise has become by now; undefined while it is pending. */
async function now<T>(promise: Promise<T>): Promise<{ value: T } | undefined> {
  let settled: { value: T } | undefined;
  void promise.then((value) => {
    settled = { value };
  });
  await vi.advanceTimersByTimeAsync(0);
  return settled;
}

describe('within a time', () => {
  it('gives what the work gives, and leaves no timer', async () => {
    expect(await now(within(Promise.resolve('seen'), 1000))).toEqual({ value: 'seen' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives nothing where the work takes longer', async () => {
    const late = within(never, 1000);
    await vi.advanceTimersByTimeAsync(999);
    expect(await now(late)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(await now(late)).toEqual({ value: undefined });
  });

  it('that is longer than a timer of Node may be does not end at once', async () => {
    const late = within(never, 2 ** 40);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await now(late)).toBeUndefined();
  });

  it('passes on why the work failed', async () => {
    await expect(within(Promise.reject(new Error('refused')), 1000)).rejects.toThrow('refused');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a pause', () => {
  it('ends after its time, or where it is ended before, and leaves nothing behind', async () => {
    const { signal } = new AbortController();
    const whole = pause(1000, signal);
    expect(await now(whole)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await now(whole)).toEqual({ value: undefined });
    expect(getEventListeners(signal, 'abort')).toEqual([]);

    const ending = new AbortController();
    const ended = pause(1000, ending.signal);
    ending.abort();
    expect(await now(ended)).toEqual({ value: undefined });
    expect(vi.getTimerCount()).toBe(0);
    expect(await now(pause(1000, ending.signal))).toEqual({ value: undefined });
  });
});
