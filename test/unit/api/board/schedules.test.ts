import { expect, it } from 'vitest';
import { pageFile, pageHarness } from './page-harness.ts';

pageHarness();
const { doneText, noteOf } = (await pageFile('schedules.js')) as {
  doneText(answered: object): string;
  noteOf(page: object): string;
};

it('a show that is to begin now is said to have begun only where it has', () => {
  expect(doneText({ outcome: 'started', eventId: 'daily-1' })).toBe('daily-1 has begun');
  expect(doneText({ outcome: 'skipped' })).toBe('no show began: the one before is not over');
  expect(doneText({ outcome: 'buffered' })).toBe('a show begins when the one before is over');
  expect(doneText({ outcome: 'requested' })).toMatch(/not said yet/);
  expect(doneText({ scheduleId: 'daily', paused: true })).toBe('done');
});

it('nothing recurs only where all were read', () => {
  expect(noteOf({ schedules: [] })).toBe('Nothing recurs.');
  expect(noteOf({ schedules: [], cursor: 'x' })).toMatch(/^There may be more recurring shows/);
  const unreadable = [{ key: 'daily', reason: 'no key 2026-11' }];
  expect(noteOf({ schedules: [], unreadable })).toBe('daily cannot be read: no key 2026-11.');
  expect(noteOf({ schedules: [{}] })).toBe('');
});
