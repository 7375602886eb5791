import { keepNewest } from '../../domain/keep-newest.ts';
import type { VendorEventMessage } from '../../domain/vendor-events/inbound.ts';
import { type VendorEvent, vendorEventKey } from '../../domain/vendor-events/vendor-event.ts';

/** How often a run may be signalled. Each signal costs history, and any holder of a token may send many messages. */
export interface DeliveryLimits {
  /** At most one signal in this time, milliseconds; the messages in between go together. */
  spacingMs: number;
  /** So many signals may come close together … */
  burst: number;
  /** … and then one in this time, milliseconds. Both together bound the history that a sender can cause. */
  refillMs: number;
}

/** As many as one signal carries. */
const maxWaiting = 50;
const maxKnownIds = 500;

/** The vendor events of one channel: delivered, and waiting to be delivered to its runs. */
export class ChannelQueue {
  /** Workflow ids, and until when to trust that they are the right ones. */
  runs: string[] = [];
  trustedUntil = 0;
  /** The next signal while it has not been sent: later messages join it. */
  due: Promise<number> | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #tokens: number;
  #countedAt: number;
  #waiting: VendorEventMessage[] = [];
  readonly #delivered = new Set<string>();
  readonly #reports = new Map<string, { says: string; at: number }>();
  readonly #limits: DeliveryLimits;

  constructor(limits: DeliveryLimits, now: number) {
    this.#limits = limits;
    this.#tokens = limits.burst;
    this.#countedAt = now;
  }

  /** Queues a message for the next signal; false when the run knows it already. */
  add(message: VendorEventMessage): boolean {
    if (this.#delivered.has(vendorEventKey(message.vendorEvent)) || this.#repeats(message)) return false;
    this.#waiting.push(message);
    if (this.#waiting.length > maxWaiting) this.#waiting.splice(0, this.#waiting.length - maxWaiting);
    return true;
  }

  /** Milliseconds until the next signal is allowed; undefined when the budget is spent: a later message takes these along. */
  msUntilNext(events: readonly VendorEvent[], now: number): number | undefined {
    const { burst, refillMs, spacingMs } = this.#limits;
    const refilled = Math.floor((now - this.#countedAt) / refillMs);
    this.#tokens = Math.min(burst, this.#tokens + refilled);
    this.#countedAt += refilled * refillMs;
    // Evidence leaves half of the budget to events that call for a recheck.
    const reserve = events.every((event) => event.evidenceOnly) ? burst / 2 : 0;
    if (this.#tokens <= reserve) return undefined;
    return Math.max(0, this.#lastAt + spacingMs - now);
  }

  /** Takes the messages of the signal that is sent now. */
  takeWaiting(now: number): VendorEventMessage[] {
    this.#tokens -= 1;
    this.#lastAt = now;
    return this.#waiting.splice(0);
  }

  /** Remembers delivered messages, so that a second delivery by the vendor is recognised. */
  delivered(messages: readonly VendorEventMessage[]): void {
    for (const { vendorEvent, report } of messages) {
      this.#delivered.add(vendorEventKey(vendorEvent));
      if (report) this.#rememberReport(report, vendorEvent.at);
    }
    keepNewest(this.#delivered, maxKnownIds);
  }

  #repeats({ report, vendorEvent }: VendorEventMessage): boolean {
    const last = report && this.#reports.get(report.of);
    return last !== undefined && (last.says === report?.says || vendorEvent.at <= last.at);
  }

  #rememberReport({ of, says }: { of: string; says: string }, at: number): void {
    this.#reports.set(of, { says, at });
    // A sender that names ever new tracks must not fill the memory.
    keepNewest(this.#reports, maxWaiting);
  }
}
