import { expect, it } from 'vitest';
import type { OnAir } from '../../../../domain/on-air.ts';
import type { EventStatus } from '../../../../domain/report.ts';
import { pageFile, pageHarness } from './page-harness.ts';

pageHarness();
const { onAirNote } = (await pageFile('words.js')) as {
  onAirNote(status: Partial<EventStatus>): string | undefined;
};
const { clock } = (await pageFile('now.js')) as { clock(at: number): string };

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
