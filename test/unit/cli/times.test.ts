import { afterEach, expect, it, vi } from 'vitest';
import { timesOf } from '../../../cli/times.ts';

afterEach(() => vi.unstubAllEnvs());

it('instants in a text are those of the reader, and the id of an event of a schedule stays what it is', () => {
  vi.stubEnv('TZ', 'Asia/Tokyo');
  const { inTexts } = timesOf({});
  expect(inTexts('on air since 2026-12-01T18:45:00Z (until 2026-12-01T19:00:00.250Z)')).toBe(
    'on air since 2026-12-02T03:45:00+09:00 (until 2026-12-02T04:00:00+09:00)',
  );
  for (const id of [
    'weekly-2026-12-01T18:45:00Z',
    'acme/2026-12-01T18:45:00Z',
    'live-event/weekly.2026-12-01T18:45:00Z',
  ])
    expect(inTexts(`started ${id}: waiting`)).toBe(`started ${id}: waiting`);
});
