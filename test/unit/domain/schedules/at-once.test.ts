import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mostAtOnce } from '../../../../domain/schedules/at-once.ts';
import { type Calendar, parseCron } from '../../../../domain/schedules/calendar.ts';
import { instantsBetween, nextOccurrences, type Recurrence } from '../../../../domain/schedules/occurrences.ts';
import { clockChanges } from '../../../../domain/schedules/zone-clock.ts';

const at = (hours: number[], minutes: number[]) => ({ hours, minutes, daysOfMonth: [1], months: [1], daysOfWeek: [0] });
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Where no clock changes. */
const inUtc = (calendars: Calendar[], lengthMs: number) => mostAtOnce({ zone: 'UTC', calendars }, lengthMs, 0, dayMs);

it.each([
  [[at([20], [0])], 2 * hourMs, 1],
  [[at([20], [0])], 24 * hourMs, 1],
  [[at([20], [0])], 24 * hourMs + 1, 2],
  [[at([20], [0]), at([21], [0])], 2 * hourMs, 2],
  [[at([20], [0]), at([20], [0])], 2 * hourMs, 1],
  [[at([23], [30]), at([0], [15])], hourMs, 2],
  [[at([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23], [0])], 6 * hourMs, 6],
  [[at([20], [0, 1, 2, 3, 4])], 7 * 24 * hourMs, 35],
  [[], hourMs, 1],
])('%j of %d ms: at most %d at once', (calendars, lengthMs, most) => {
  expect(inUtc(calendars, lengthMs)).toBe(most);
});

it('is never less than what a walk through four days finds', () => {
  const numbers = (max: number) => fc.uniqueArray(fc.nat({ max }), { minLength: 1, maxLength: 4 });
  const calendars = fc.array(
    fc.tuple(numbers(23), numbers(59)).map(([hours, minutes]) => at(hours, minutes)),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  fc.assert(
    fc.property(calendars, fc.integer({ min: 1, max: 3 * 24 * 60 }), (given, length) => {
      const ofADay = [
        ...new Set(given.flatMap(({ hours, minutes }) => hours.flatMap((h) => minutes.map((m) => h * 60 + m)))),
      ];
      const starts = [0, 1, 2, 3].flatMap((day) => ofADay.map((minute) => day * 1_440 + minute));
      const running = starts.map((now) => starts.filter((start) => start <= now && now < start + length).length);
      expect(inUtc(given, length * 60_000)).toBe(Math.max(...running));
    }),
  );
});

const yearMs = 366 * dayMs;
const newYear = Date.parse('2027-01-01T00:00:00Z');
/** Of Morocco, which gave up its changes of the clock in 2026, releases of Node know different years to come. */
const yearIn = (zone: string): [number, number] => {
  const from = zone === 'Africa/Casablanca' ? Date.parse('2026-01-01T00:00:00Z') : newYear;
  return [from, from + yearMs];
};
const inZone = (zone: string, cron: string): Recurrence => ({ zone, calendars: [parseCron(cron)] });

it.each([
  // The clock goes forward on a Sunday: 20:00 on Saturday and 20:00 on Sunday are 23 h apart.
  ['Europe/Berlin', '0 20 * * *', 23 * hourMs, 1],
  ['Europe/Berlin', '0 20 * * *', 23.5 * hourMs, 2],
  ['Europe/Berlin', '0 20 * * sun', 23.5 * hourMs, 1],
  ['Europe/Berlin', '0 20 * * *', 47.5 * hourMs, 3],
  // It goes back, and shows 01:30 twice.
  ['America/New_York', '30 1 * * *', hourMs, 1],
  ['America/New_York', '30 1 * * *', 2 * hourMs, 2],
  ['America/New_York', '30 1,2 * * *', 1.5 * hourMs, 2],
  ['America/New_York', '30 1,2 * * *', 3 * hourMs, 3],
  ['America/New_York', '30 1 * * mon', 2 * hourMs, 1],
  ['America/New_York', '*/10 * * * *', 3 * hourMs, 18],
  // By half an hour.
  ['Australia/Lord_Howe', '0 20 * * *', 23.5 * hourMs, 1],
  ['Australia/Lord_Howe', '0 20 * * *', 23.75 * hourMs, 2],
  ['UTC', '0 20 * * *', 23.75 * hourMs, 1],
  // Ramadan begins and ends within the longest run.
  ['Africa/Casablanca', '30 2 * * *', 37 * dayMs, 38],
])('in %s, at %s, of %d ms, over the changes of the clock of a year: %d at once', (zone, cron, lengthMs, most) => {
  expect(mostAtOnce(inZone(zone, cron), lengthMs, ...yearIn(zone))).toBe(most);
});

it('counts a change of the clock that is over while its runs go on, and none after which no show comes', () => {
  const daily = inZone('Europe/Berlin', '0 20 * * *');
  const forward = Date.parse('2027-03-28T01:00:00Z');
  expect(mostAtOnce(daily, 23.5 * hourMs, forward + 20 * hourMs, forward + 30 * dayMs)).toBe(2);
  expect(mostAtOnce(daily, 23.5 * hourMs, forward + 24 * hourMs, forward + 30 * dayMs)).toBe(1);
  expect(mostAtOnce({ ...daily, to: forward }, 23.5 * hourMs, newYear, newYear + yearMs)).toBe(1);
  expect(mostAtOnce({ ...daily, from: forward }, 23.5 * hourMs, newYear, newYear + yearMs)).toBe(1);
});

it('is never less than what the shows around a change of the clock come to', () => {
  const changes = [
    ['Europe/Berlin', '2027-03-28'],
    ['Europe/Berlin', '2027-10-31'],
    ['America/New_York', '2027-03-14'],
    ['America/New_York', '2027-11-07'],
    ['Australia/Lord_Howe', '2027-04-04'],
    ['Australia/Lord_Howe', '2027-10-03'],
  ] as const;
  const numbers = (max: number) => fc.uniqueArray(fc.nat({ max }), { minLength: 1, maxLength: 3 });
  const everyDay = parseCron('0 0 * * *');
  fc.assert(
    fc.property(
      fc.constantFrom(...changes),
      numbers(23),
      numbers(59),
      fc.integer({ min: 1, max: 60 }),
      ([zone, day], hours, minutes, halfHours) => {
        const recurrence = { zone, calendars: [{ ...everyDay, hours, minutes }] };
        const [from, lengthMs] = [Date.parse(day) - 3 * dayMs, halfHours * (hourMs / 2)];
        const starts = nextOccurrences(recurrence, from, 6 * hours.length * minutes.length);
        const running = starts.map((now) => starts.filter((start) => start <= now && now < start + lengthMs).length);
        expect(mostAtOnce(recurrence, lengthMs, newYear, newYear + yearMs)).toBeGreaterThanOrEqual(
          Math.max(...running),
        );
      },
    ),
  );
});

it('looks at no start where there are too many to count', () => {
  let looked = 0;
  const everyMinute = parseCron('* * * * *');
  const counted: Calendar = {
    ...everyMinute,
    get minutes() {
      looked += 1;
      return everyMinute.minutes;
    },
  };
  const recurrence = { zone: 'Africa/Casablanca', calendars: [counted] };
  expect(mostAtOnce(recurrence, 37 * dayMs, newYear, newYear + yearMs)).toBe(37 * 24 * 60);
  // Once for the clock, and once for the number of its starts.
  expect(looked).toBe(2);
});

it.each([
  ['Europe/Berlin', '* * * * *', 2 * hourMs, 120],
  ['Europe/Berlin', '*/10 * * * *', 37 * dayMs, 37 * 144 + 6],
  ['Australia/Lord_Howe', '*/10 * * * *', 37 * dayMs, 37 * 144 + 3],
  ['Africa/Casablanca', '*/10 * * * *', 37 * dayMs, 37 * 144 + 12],
  ['UTC', '*/10 * * * *', 37 * dayMs, 37 * 144],
  // All that begin in the hour that comes twice.
  ['America/New_York', '*/2 1 * * *', 37 * dayMs, 37 * 30 + 30],
])('in %s, at %s, of %d ms, what is too much to count has a bound: %d at once', (zone, cron, lengthMs, most) => {
  expect(mostAtOnce(inZone(zone, cron), lengthMs, ...yearIn(zone))).toBe(most);
});

it('has a bound that is never less than what is counted', () => {
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca');
  const numbers = (max: number, minLength: number) =>
    fc.uniqueArray(fc.nat({ max }), { minLength, maxLength: max + 1 });
  const everyDay = parseCron('0 0 * * *');
  fc.assert(
    fc.property(
      zones,
      numbers(23, 1),
      numbers(59, 10),
      fc.integer({ min: 1, max: 38 * 48 }),
      (zone, hours, minutes, halfHours) => {
        const sorted = { hours: hours.sort((a, b) => a - b), minutes: minutes.sort((a, b) => a - b) };
        const recurrence = { zone, calendars: [{ ...everyDay, ...sorted }] };
        const lengthMs = halfHours * (hourMs / 2);
        const [change] = clockChanges(zone, newYear, newYear + yearMs);
        const at = change?.at ?? 0;
        const starts = instantsBetween(recurrence, at - lengthMs, at + lengthMs);
        let end = 0;
        const running = starts.map((from, first) => {
          while (end < starts.length && (starts[end] ?? 0) < from + lengthMs) end += 1;
          return end - first;
        });
        expect(mostAtOnce(recurrence, lengthMs, newYear, newYear + yearMs)).toBeGreaterThanOrEqual(
          Math.max(1, ...running),
        );
      },
    ),
    { numRuns: 30 },
  );
});
