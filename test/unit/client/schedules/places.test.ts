import { describe, expect, it } from 'vitest';
import { type Beginning, runsToBegin } from '../../../../client/schedules/places.ts';
import type { Calendar } from '../../../../domain/schedules/calendar.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = Date.parse('2026-12-01T18:30:00Z');
const every = (count: number, first = 0) => Array.from({ length: count }, (_, n) => n + first);
const hourly: Calendar = {
  minutes: [0],
  hours: every(24),
  daysOfMonth: every(31, 1),
  months: every(12, 1),
  daysOfWeek: every(7),
};
const run = (time: string) => `acme/news-2026-12-01T${time}Z`;

/** Shows of three hours, each hour, begun a quarter of an hour before. */
const hourlyNews: Beginning = {
  key: 'acme/news',
  isAllowAll: true,
  runsAtOnce: 4,
  recurrence: { zone: 'UTC', calendars: [hourly] },
  leadMs: 15 * minute,
  spanMs: 3 * hour + 15 * minute,
  changedAt: now - 7 * 24 * hour,
  awaited: [],
};
const one: Beginning = { ...hourlyNews, isAllowAll: false, runsAtOnce: 1 };

describe('a schedule whose runs wait for each other', () => {
  it.each([
    ['nothing goes on', [], [], 1],
    ['its own run goes on', [run('17:45:00')], [run('17:45:00')], 0],
    ['a run of the schedule that had its id before goes on', [], [run('17:45:00')], 1],
    ['its own run is over and Temporal has not seen it yet', [run('17:45:00')], [], 1],
  ])('when %s', (_, awaited, running, toBegin) => {
    expect(runsToBegin({ ...one, awaited }, new Set(running), now)).toBe(toBegin);
  });
});

describe('a schedule whose runs go on beside each other', () => {
  it.each<[string, Partial<Beginning>, string[], number]>([
    ['nothing goes on', {}, [], 4],
    ['two of its calendar go on', {}, [run('16:45:00'), run('17:45:00')], 2],
    ['one was triggered', {}, [run('17:45:00'), run('18:03:07')], 3],
    ['one of another schedule goes on', {}, ['acme/news-2-2026-12-01T17:45:00Z', 'acme/talk-x'], 4],
    ['one lasts longer than it was planned', {}, [run('12:45:00'), run('17:45:00')], 3],
    ['it was made again since', { changedAt: now - 40 * minute }, [run('17:45:00')], 4],
    ['more go on than it has at once', { runsAtOnce: 1 }, [run('16:45:00'), run('17:45:00')], 0],
  ])('when %s', (_, changes, running, toBegin) => {
    expect(runsToBegin({ ...hourlyNews, ...changes }, new Set(running), now)).toBe(toBegin);
  });
});
