import { expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { onAirText, viewedText } from '../../../domain/viewed.ts';

const at = Date.UTC(2026, 11, 1, 18);
const unknown = { state: 'unknown' as const, since: at + 60_000, reason: 'no route' };
const viewed = [{ from: at, to: at + 50_000 }];

it('while viewers cannot be looked at, what was known before is said', () => {
  expect(onAirText({ onAir: { ...unknown, lostAt: at + 50_000 }, viewed })).toBe(
    'unknown: no route; viewers got nothing new since 2026-12-01T18:00:50.000Z',
  );
  expect(onAirText({ onAir: unknown, viewed })).toBe(
    'unknown: no route; viewers got the picture until 2026-12-01T18:00:50.000Z',
  );
  expect(onAirText({ onAir: unknown })).toBe('unknown: no route');
  expect(onAirText({ onAir: { state: 'frozen', since: at, lostAt: at }, viewed })).toBe('frozen');
});

it('a report whose viewers were never looked at does not say that they got nothing', () => {
  const windows = [{ from: at, to: at + 60_000 }];
  const report = {
    onAir: unknown,
    windows,
    stoppedAt: at + 60_000,
    phase: 'completed',
    endReason: 'reached-end',
  } as EventStatus;
  expect(viewedText({ ...report, viewersUnknown: windows })).toBe(
    'viewers got 0.0 of 60.0 s, and for 60.0 s it could not be looked',
  );
  expect(viewedText({ ...report, viewed, viewersUnknown: [] })).toBe('viewers got 50.0 of 60.0 s');
});
