import type { MetricMeter } from '@temporalio/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMetrics } from '../../../worker/metrics/metrics.ts';
import { buckets, names } from '../../../worker/metrics/names.ts';
import { limitedCalls } from '../../../worker/rates.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a meter recorded of the waits. */
function waitsOf() {
  const waits: { seconds: number; labels: Record<string, unknown> }[] = [];
  const none = { add: () => {}, set: () => {}, record: () => {} };
  const meter = {
    createCounter: () => none,
    createGauge: () => none,
    createHistogram: (name: string) => ({
      record: (seconds: number, labels: Record<string, unknown>) =>
        void (name === names.limiterWait && waits.push({ seconds, labels })),
    }),
  };
  return { waits, metrics: createMetrics(meter as unknown as MetricMeter) };
}

it('how long calls wait for the rate of a vendor is measured, also of those that are sent back to wait longer', async () => {
  const { waits, metrics } = waitsOf();
  const { acquire } = limitedCalls(1, { metrics });
  // Amazon documents 5 a second for an account.
  const calls = Array.from({ length: 150 }, () => acquire?.('aws-ivs', 'default', 'StopStream').catch(() => undefined));
  await vi.advanceTimersByTimeAsync(30_000);
  await Promise.all(calls);
  const labels = { vendor: 'aws-ivs', account: 'default', operation: 'StopStream' };
  expect(waits.map((wait) => wait.labels)).toEqual(waits.map(() => labels));
  const seconds = waits.map((wait) => wait.seconds).sort((a, b) => a - b);
  expect(seconds).toHaveLength(150);
  expect(seconds.filter((one) => one < 0.1)).toHaveLength(6);
  expect(seconds.at(-1)).toBeGreaterThan(28);
});

it('the waits of calls that are held, 20 s at most, and of those sent back fall into buckets of their own', () => {
  const bounds = buckets[names.limiterWait] ?? [];
  expect(bounds).toContain(20);
  expect(bounds.filter((bound) => bound > 5 && bound < 20)).not.toEqual([]);
  expect(Math.max(...bounds)).toBeGreaterThan(20);
});
