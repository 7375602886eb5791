import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VendorError } from '../../../domain/errors.ts';
import { createLimiter } from '../../../vendors/limiter.ts';

/** A clock that moves only when the limiter sleeps. */
function world(rates: Record<string, number>, share?: number) {
  let at = 1_000_000;
  const limiter = createLimiter({
    rates: (vendor) => (vendor === 'v' ? rates : undefined),
    share,
    now: () => at,
    sleep: async (ms) => {
      at += ms;
    },
  });
  const call = async (operation = 'Get') => {
    await limiter.acquire('v', 'a', operation);
    return at;
  };
  const settle = (error?: VendorError) =>
    limiter.settled({ vendor: 'v', account: 'a', operation: 'Get', ms: 1, ...(error && { error }) });
  return { limiter, call, settle, now: () => at };
}

const throttled = (retryAfterMs?: number) =>
  new VendorError({ kind: 'throttled', vendor: 'v', operation: 'Get', message: 'slow down', retryAfterMs });

describe('the limiter', () => {
  it('lets no more than a burst and the rate through, whatever the calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 60 }), async (rate, calls) => {
        const { call, now } = world({ '*': rate });
        const start = now();
        for (let i = 0; i < calls; i += 1) await call();
        const seconds = (now() - start) / 1000;
        // 1e-6: the rate is a float.
        expect(calls).toBeLessThanOrEqual(rate * (seconds + 1) + 1 + 1e-6);
      }),
    );
  });

  it('waits by a monotonic clock: one that goes back 10 minutes blocks no call', async () => {
    const limiter = createLimiter({ rates: () => ({ '*': 1000 }) });
    await limiter.acquire('v', 'a', 'Get');
    const back = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 600_000);
    await limiter.acquire('v', 'a', 'Get');
    back.mockRestore();
  });

  it('counts each operation for itself, and leaves a vendor without documented rates alone', async () => {
    const { limiter, call, now } = world({ Get: 1, '*': 1 });
    const start = now();
    await call('Get');
    await call('List');
    expect(now()).toBe(start);
    for (let i = 0; i < 100; i += 1) await limiter.acquire('other', 'a', 'Get');
    expect(now()).toBe(start);
  });

  it('halves the rate on throttling, waits as long as the vendor asked, and recovers', async () => {
    const { call, settle, now } = world({ Get: 10 });
    for (let i = 0; i < 30; i += 1) await call();
    const gapBefore = -now() + (await call());
    settle(throttled(2000));
    const asked = now();
    expect((await call()) - asked).toBeGreaterThanOrEqual(2000);
    const slowedGap = -now() + (await call());
    expect(slowedGap).toBeGreaterThan(1.9 * gapBefore);
    for (let i = 0; i < 100; i += 1) settle();
    for (let i = 0; i < 12; i += 1) await call();
    const gapAfter = -now() + (await call());
    expect(gapAfter).toBeLessThan(1.1 * gapBefore);
  });

  it('uses only its share of a rate that several workers share', async () => {
    const { call, now } = world({ Get: 10 }, 0.5);
    const start = now();
    for (let i = 0; i < 26; i += 1) await call();
    expect(now() - start).toBeGreaterThanOrEqual(3800);
  });

  describe('when many calls come at one instant', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    /** When each went, milliseconds after the first, and how often each was refused; those that are refused come back when asked to. */
    async function storm(calls: number) {
      const limiter = createLimiter({ rates: () => ({ '*': 5 }) });
      const from = performance.now();
      const went: number[] = [];
      const refusals = new Array<number>(calls).fill(0);
      const one = async (n: number): Promise<void> => {
        try {
          await limiter.acquire('v', 'a', 'Stop');
          went.push(performance.now() - from);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'throttled' });
          refusals[n] = (refusals[n] ?? 0) + 1;
          await new Promise((resolve) => setTimeout(resolve, (error as VendorError).facts.retryAfterMs));
          await one(n);
        }
      };
      const all = Promise.all(refusals.map((_, n) => one(n)));
      const other = limiter.acquire('v', 'b', 'Stop').then(() => performance.now() - from);
      await vi.advanceTimersByTimeAsync(calls * 300);
      await all;
      return { went, refusals, otherAccountAt: await other };
    }

    it('holds them instead of refusing them: an attempt that fails costs a retry', async () => {
      const { went, refusals, otherAccountAt } = await storm(100);
      // The other accounts are not concerned.
      expect(otherAccountAt).toBe(0);
      expect(refusals.every((count) => count === 0)).toBe(true);
      expect(went.at(-1)).toBeLessThanOrEqual(20_000);
    });

    it('refuses those that would wait for long once, and lets them come back one after the other at the full rate', async () => {
      const { went, refusals } = await storm(300);
      expect(Math.max(...refusals)).toBe(1);
      expect(went.at(-1)).toBeLessThanOrEqual(61_000);
    });
  });
});
