import { formatDuration } from './time.ts';

/** From here on a skew between two clocks is worth a warning. */
export const noticeableSkewMs = 2_000;

/** `20m ahead of`; undefined while the clocks agree. Positive: the clock is ahead. */
export function skewTextOf(skewMs: number): string | undefined {
  if (Math.abs(skewMs) < noticeableSkewMs) return undefined;
  const by = formatDuration(Math.round(Math.abs(skewMs) / 1000) * 1000);
  return `${by} ${skewMs > 0 ? 'ahead of' : 'behind'}`;
}

/** The clock of a worker, as it was seen to be wrong. Stands in histories and in the status. */
export interface SkewedClock {
  /** The worker's machine. */
  machine: string;
  /** Whose clock it differs from: `Temporal`, or a vendor's. */
  from: string;
  /** How far it is ahead, milliseconds; negative: behind. */
  aheadMs: number;
  /** When that was seen last, epoch milliseconds of Temporal's time. */
  at: number;
}

const mostClocks = 10;

/** With more of them; the newest of each pair of clocks counts. */
export function withSkewedClocks(known: readonly SkewedClock[], more: readonly SkewedClock[]): SkewedClock[] {
  const isOf = (one: SkewedClock) => (other: SkewedClock) => other.machine === one.machine && other.from === one.from;
  return [...known.filter((one) => !more.some(isOf(one))), ...more].slice(-mostClocks);
}

/** `the clock of worker-3 is 20m ahead of Temporal's`. */
export const skewedClockText = ({ machine, from, aheadMs }: SkewedClock): string =>
  `the clock of ${machine} is ${skewTextOf(aheadMs) ?? 'about that of'} ${from === 'Temporal' ? "Temporal's" : from}`;
