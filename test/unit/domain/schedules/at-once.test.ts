import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mostAtOnce } from '../../../../domain/schedules/at-once.ts';

const at = (hours: number[], minutes: number[]) => ({ hours, minutes, daysOfMonth: [1], months: [1], daysOfWeek: [0] });
const hourMs = 3_600_000;

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
  expect(mostAtOnce(calendars, lengthMs)).toBe(most);
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
      expect(mostAtOnce(given, length * 60_000)).toBe(Math.max(...running));
    }),
  );
});
