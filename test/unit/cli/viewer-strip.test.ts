import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Viewer } from '../../../activities/on-air/viewer.ts';
import { Strip, ViewerStrips } from '../../../cli/viewer-strip.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { planned } from '../activities/on-air/planned-stream.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const statusIn = (phase: Phase, hls?: string) =>
  ({ eventId: 'final', phase, ...(hls && { playback: { hls } }) }) as EventStatus;

it('shows a sign for each look: dark, new segments, a freeze, what comes after it', async () => {
  const troubles = [{ kind: 'freeze', from: 20_000, to: 40_000 }] as const;
  const stream = planned({ segmentMs: 2_000, sent: [{ from: 4_000, to: 100_000 }], troubles }, () => performance.now());
  const begun = performance.now();
  const asked: string[] = [];
  const sign = async (_status: EventStatus, url: string) => {
    asked.push(url);
    return url;
  };
  const strips = new ViewerStrips(
    (status, url) =>
      new Viewer({ url, get: stream.get, sign: (one) => sign(status, one), elapsed: () => performance.now() }),
  );
  expect(strips.of(statusIn('starting', stream.url))).toBeUndefined();
  const strip = strips.of(statusIn('waiting-for-encoder', stream.url));
  await vi.advanceTimersByTimeAsync(60_000 - begun);
  expect(strips.of(statusIn('live', stream.url))).toBe(strip);
  expect(strip?.signs).toMatch(/^·+#+-*_+#+$/);
  expect(strip?.text).toBe('on-air');
  expect(asked[0]).toBe(stream.url);

  // Afterwards nothing is looked at any more, and what was seen stays.
  expect(strips.of(statusIn('stopping', stream.url))).toBe(strip);
  const looks = stream.asked.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stream.asked.length).toBeLessThanOrEqual(looks + 1);
});

it('says why viewers get nothing', () => {
  const strip = new Strip();
  strip.take({ state: 'dark', reason: 'there is no playlist at the address (404)', progressAt: undefined });
  expect(strip.text).toBe('dark: there is no playlist at the address (404)');
  for (let i = 0; i < 100; i += 1) strip.take({ state: 'gone', reason: 'gone', progressAt: 1 });
  expect(strip.signs).toBe('x'.repeat(60));
});
