import type { IncomingMessage } from 'node:http';
import { noticeableSkewMs, skewTextOf } from '../domain/clock-skew.ts';
import { type ClockSeen, runWith, underWay } from './under-way.ts';

/** Vendors take dates that are 5 to 15 minutes off; what is less than this may be the time that an answer took. */
const correctedSkewMs = 60_000;

/**
 * A vendor's clock, as the dates of its answers show it. It goes on by the monotonic clock, so that this machine's clock may be
 * wrong, or be set: requests are signed with the vendor's time.
 */
export class VendorClock {
  /** From the monotonic clock to the vendor's. */
  #offset: number | undefined;

  /** @param at the vendor's time now, epoch milliseconds */
  learn(at: number): void {
    this.#offset = at - performance.now();
  }

  /** What to add to this machine's time; 0 while the two are about the same, or nothing is known. */
  correctionMs(): number {
    if (this.#offset === undefined) return 0;
    const ms = Math.round(performance.now() + this.#offset - Date.now());
    return Math.abs(ms) < correctedSkewMs ? 0 : ms;
  }
}

/** What the SDK of the call that is under way adds to this machine's time where it dates and signs a request. */
export const signingOffsetMs = (): number => underWay().call?.clock?.correctionMs() ?? 0;

/** Lets an SDK, which reads its offset from `key` of its options, sign with the vendor's time. What it finds out itself is dropped. */
export function signsByVendorClock(options: object, key: string): void {
  Object.defineProperty(options, key, { get: signingOffsetMs, set: () => undefined, enumerable: true });
}

/** The header counts whole seconds: on average it is half a second old. */
const halfASecondMs = 500;

/** Gives the call that is under way what its answer says of the vendor's clock. */
export function readDate({ headers: { date, age } }: IncomingMessage): void {
  const { call, watch } = underWay();
  const at = date === undefined ? Number.NaN : Date.parse(date);
  // A cache answers with the date of another time.
  if (Number.isNaN(at) || age !== undefined) return;
  const aheadMs = Date.now() - at - halfASecondMs;
  if (call) call.aheadMs = aheadMs;
  call?.clock?.learn(at + halfASecondMs);
  // An answer that was long on its way looks as if this clock were ahead.
  if (watch && Math.abs(aheadMs) < Math.abs(watch.aheadMs ?? Number.POSITIVE_INFINITY)) watch.aheadMs = aheadMs;
}

/** Keeps what the answers to the calls of `work` say of the vendor's clock. */
export const watchingVendorClock = <T>(seen: ClockSeen, work: () => Promise<T>): Promise<T> =>
  runWith({ watch: seen }, work);

/**
 * Whose clock is wrong, for the words of an error; undefined while the clocks agree or nothing is known.
 *
 * @param workerAheadMs how far this machine's clock is ahead of Temporal's, where that is known
 */
export function clockText(
  vendor: string,
  { aheadMs }: ClockSeen,
  workerAheadMs: number | undefined,
): string | undefined {
  const text = aheadMs === undefined ? undefined : skewTextOf(aheadMs);
  if (aheadMs === undefined || text === undefined) return undefined;
  const apart = `this machine's clock is ${text} that of ${vendor}`;
  if (workerAheadMs === undefined) return `${apart}: set it by NTP`;
  // Temporal's clock says which of the two is wrong.
  if (Math.abs(workerAheadMs) < noticeableSkewMs)
    return `${apart}, which alone is wrong: Temporal's agrees with this machine's`;
  return `${apart}, and wrong by Temporal's clock too: set it by NTP`;
}
