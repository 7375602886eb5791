import type { LiveWindow } from '../channel.ts';
import { formatInstant } from '../time.ts';

/** The month of an instant in UTC, such as `2026-11`. */
export const monthOf = (instant: number): string => formatInstant(instant).slice(0, 7);

/** Its first instant, and that of the month after it. Epoch milliseconds. */
export function spanOfMonth(month: string): LiveWindow {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return { from: Date.UTC(year, number - 1), to: Date.UTC(year, number) };
}

/** The months that a span touches, in order. */
export function monthsOf({ from, to }: LiveWindow): string[] {
  const months: string[] = [];
  for (let at = from; at < to; at = spanOfMonth(monthOf(at)).to) months.push(monthOf(at));
  return months;
}
