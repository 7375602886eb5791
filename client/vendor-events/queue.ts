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

interface TakenMessages {
  messages: VendorEventMessage[];
  dropped: number;
}

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
  /** By key, the oldest first. */
  #waiting = new Map<string, VendorEventMessage>();
  #dropped = 0;
  readonly #delivered = new Set<string>();
  readonly #reports = new Map<string, { says: string; at: number }>();
  readonly #limits: DeliveryLimits;

  constructor(limits: DeliveryLimits, now: number) {
    this.#limits = limits;
    this.#tokens = limits.burst;
    this.#countedAt = now;
  }

  /** Queues a message for the next signal, anew where it waits already; false when the run knows it. */
  add(message: VendorEventMessage): boolean {
    const key = vendorEventKey(message.vendorEvent);
    if (this.#delivered.has(key) || this.#repeats(message)) return false;
    this.#waiting.delete(key);
    this.#waiting.set(key, message);
    return true;
  }

  /** Keeps as many as one signal carries; returns how many had no room. The next signal counts them for the run. */
  dropOldest(): number {
    const over = Math.max(0, this.#waiting.size - maxWaiting);
    keepNewest(this.#waiting, maxWaiting);
    this.#dropped += over;
    return over;
  }

  isWaiting = ({ vendorEvent }: VendorEventMessage): boolean => this.#waiting.has(vendorEventKey(vendorEvent));

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
  takeWaiting(now: number): TakenMessages {
    this.#tokens -= 1;
    this.#lastAt = now;
    const taken = { messages: [...this.#waiting.values()], dropped: this.#dropped };
    this.#waiting.clear();
    this.#dropped = 0;
    return taken;
  }

  /** Those of a signal that was not sent wait again, before what came since: their senders may not send them again. */
  giveBack({ messages, dropped }: TakenMessages): void {
    const since = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const message of [...messages, ...since]) this.add(message);
    this.#dropped += dropped;
    this.dropOldest();
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
