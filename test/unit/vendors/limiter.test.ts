import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
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

  it('refuses to wait long inside an attempt: that is a retry’s business', async () => {
    const limiter = createLimiter({ rates: () => ({ Get: 1 }), now: () => 5, sleep: async () => {} });
    const calls = Array.from({ length: 20 }, () => limiter.acquire('v', 'a', 'Get'));
    const refused = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(10);
    const [first] = refused as PromiseRejectedResult[];
    expect(first?.reason).toMatchObject({ kind: 'throttled' });
    expect(first?.reason.facts.retryAfterMs).toBeGreaterThan(5000);
  });
});
