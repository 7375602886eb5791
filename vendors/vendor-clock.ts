import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { noticeableSkewMs, skewTextOf } from '../domain/clock-skew.ts';

/** What the answers of one call said of the vendor's clock. */
interface Seen {
  /** How far this machine's clock is ahead of the vendor's, milliseconds. */
  aheadMs?: number;
}

const calls = new AsyncLocalStorage<Seen>();
/** What the answers of several calls said, the one that differs least. */
const watches = new AsyncLocalStorage<Seen>();
/** The header counts whole seconds: on average it is half a second old. */
const halfASecondMs = 500;

let isListening = false;
/** The answers of every SDK pass here, also those that it throws away. */
function listen(): void {
  if (isListening) return;
  isListening = true;
  subscribe('http.client.response.finish', (message) => {
    const seen = calls.getStore();
    const { response } = message as { response?: { headers?: { date?: string; age?: string } } };
    const { date, age } = response?.headers ?? {};
    const at = date === undefined ? Number.NaN : Date.parse(date);
    // A cache answers with the date of another time.
    if (Number.isNaN(at) || age !== undefined) return;
    const aheadMs = Date.now() - at - halfASecondMs;
    if (seen) seen.aheadMs = aheadMs;
    const watch = watches.getStore();
    // An answer that was long on its way looks as if this clock were ahead.
    if (watch && Math.abs(aheadMs) < Math.abs(watch.aheadMs ?? Number.POSITIVE_INFINITY)) watch.aheadMs = aheadMs;
  });
}

/** Runs a call to a vendor, and remembers what its answer says of the vendor's clock. */
export function withVendorClock<T>(seen: Seen, call: () => Promise<T>): Promise<T> {
  listen();
  return calls.run(seen, call);
}

/** Keeps what the answers to the calls of `work` say of the vendor's clock. */
export function watchingVendorClock<T>(seen: Seen, work: () => Promise<T>): Promise<T> {
  listen();
  return watches.run(seen, work);
}

/**
 * Whose clock is wrong, for the words of an error; undefined while the clocks agree or nothing is known.
 *
 * @param workerAheadMs how far this machine's clock is ahead of Temporal's, where that is known
 */
export function clockText(vendor: string, { aheadMs }: Seen, workerAheadMs: number | undefined): string | undefined {
  const text = aheadMs === undefined ? undefined : skewTextOf(aheadMs);
  if (aheadMs === undefined || text === undefined) return undefined;
  const apart = `this machine's clock is ${text} that of ${vendor}`;
  if (workerAheadMs === undefined) return `${apart}: set it by NTP`;
  // Temporal's clock says which of the two is wrong.
  if (Math.abs(workerAheadMs) < noticeableSkewMs)
    return `${apart}, which alone is wrong: Temporal's agrees with this machine's`;
  return `${apart}, and wrong by Temporal's clock too: set it by NTP`;
}
