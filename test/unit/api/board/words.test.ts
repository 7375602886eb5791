import { expect, it, vi } from 'vitest';
import type { OnAir } from '../../../../domain/on-air.ts';
import type { EventStatus } from '../../../../domain/report.ts';
import { pageFile, pageHarness } from './page-harness.ts';

pageHarness();
const { onAirNote } = (await pageFile('words.js')) as {
  onAirNote(status: Partial<EventStatus>): string | undefined;
};
const { clock, clockWithDay } = (await pageFile('now.js')) as {
  clock(at: number): string;
  clockWithDay(at: number): string;
};

it('while viewers cannot be looked at, the page says why, and what was known before', () => {
  const at = Date.now();
  const note = (onAir: Partial<OnAir>, phase: EventStatus['phase'] = 'live') =>
    onAirNote({ phase, onAir: { state: 'unknown', since: at, ...onAir }, viewed: [{ from: at - 9, to: at - 1 }] });
  expect(note({ reason: 'no route' })).toBe(`no route; viewers got the picture until ${clock(at - 1)}`);
  expect(note({ lostAt: at - 5 })).toBe(`viewers got nothing new since ${clock(at - 5)}`);
  expect(note({ state: 'frozen', reason: 'no new segment', lostAt: at })).toBe('no new segment');
  expect(note({ state: 'on-air' })).toBe('');
  expect(note({ reason: 'no route' }, 'completed')).toBe('');
});

it('an instant of another day that is not near has its day: half past midnight reads as if it was before noon', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 11, 1, 12, 44) });
  try {
    const nextDay = new Date(2026, 11, 2, 0, 39).getTime();
    expect(clock(nextDay)).toBe(clockWithDay(nextDay));
    expect(clock(new Date(2026, 11, 1, 1, 0).getTime())).toMatch(/^1:00:00|^01:00:00/);
    vi.setSystemTime(new Date(2026, 11, 1, 23, 50));
    expect(clock(new Date(2026, 11, 2, 0, 20).getTime())).toMatch(/^12:20:00|^00:20:00/);
  } finally {
    vi.useRealTimers();
  }
});
