import { clockChanges, offsetAt } from '../../domain/schedules/zone-clock.ts';

const secondMs = 1_000;
const yearMs = 365.25 * 86_400 * secondMs;

/**
 * Dates, days of the week and leap years come again after 28 years, so a clock that is twice that slow shows the right
 * ones. Temporal takes the first of two equal times, and finds the second, only where a clock is behind UTC.
 */
const slowMs = 56 * yearMs;
/** Shorter than `slowMs`: Temporal must find no change of the clock where it looks first. */
const horizonMs = 50 * yearMs;
/** 2100 is no leap year: from there on the slow clock would be a day off. */
const lastDay = Date.UTC(2099, 11, 31);
/** The table must begin before the first instant that Temporal looks up. */
const marginMs = yearMs / 12;

/** No zone has as many offsets; a byte counts them. */
const maxTypes = 255;
const abbreviation = 'show\0';

/**
 * A clock for Temporal that shows, `leadMs` before the zone's own clock does, what that one will show: so a Schedule
 * fires exactly that long before each show, whatever date, day or clock change lies between. As a TZif file,
 * https://www.rfc-editor.org/rfc/rfc9636.html, for `ScheduleSpec.timezone_data`.
 *
 * @param leadMs whole seconds, as milliseconds
 * @param now epoch milliseconds
 */
export function earlyClock(zone: string, leadMs: number, now: number): Uint8Array {
  const start = Math.floor((now - marginMs) / secondMs) * secondMs;
  const changes = clockChanges(zone, start + leadMs, Math.min(start + horizonMs, lastDay));
  const offsets = [
    { at: start + leadMs, offset: offsetAt(zone, start + leadMs) },
    ...changes.map(({ at, after }) => ({ at, offset: after })),
  ];
  // What comes before every change is where Temporal looks first: only the largest offset leads it to the first of two.
  const largest = Math.max(...offsets.map(({ offset }) => offset));
  const types = [largest, ...new Set(offsets.map(({ offset }) => offset))];
  if (types.length > maxTypes)
    throw new Error(`${zone} has ${types.length} offsets from UTC, more than a clock can hold`);
  return tzif(
    types.map((offset) => (offset + leadMs - slowMs) / secondMs),
    offsets.map(({ at, offset }) => ({ at: (at - leadMs) / secondMs, type: types.indexOf(offset, 1) })),
  );
}

interface Transition {
  /** Epoch seconds. */
  at: number;
  type: number;
}

/** `offsets`: seconds ahead of UTC; the first holds before the first transition. */
function tzif(offsets: readonly number[], transitions: readonly Transition[]): Uint8Array {
  const types = (given: readonly number[]) =>
    given.map((offset) => Buffer.concat([int32(offset), Buffer.from([0, 0])]));
  const chars = Buffer.from(abbreviation, 'latin1');
  return Buffer.concat([
    // The part for readers of 32-bit times, who find no change in it.
    header(0, 1),
    ...types(offsets.slice(0, 1)),
    chars,
    header(transitions.length, offsets.length),
    ...transitions.map(({ at }) => int64(at)),
    Buffer.from(transitions.map(({ type }) => type)),
    ...types(offsets),
    chars,
    // No rule for the time after the last transition.
    Buffer.from('\n\n', 'latin1'),
  ]);
}

function header(transitions: number, types: number): Buffer {
  const [utcIndicators, standardIndicators, leapSeconds] = [0, 0, 0];
  const counts = [utcIndicators, standardIndicators, leapSeconds, transitions, types, abbreviation.length];
  return Buffer.concat([Buffer.from('TZif2', 'latin1'), Buffer.alloc(15), ...counts.map(int32)]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
