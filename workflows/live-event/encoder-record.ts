import type { Outage } from '../../activities/contract.ts';
import type { LiveWindow } from '../../domain/channel.ts';
import { type EncoderChange, noEncoder, type Presence, presenceAfter } from '../../domain/presence.ts';
import { formatInstant } from '../../domain/time.ts';
import {
  callsForRecheck,
  readVendorEvents,
  type VendorEvent,
  VendorEventLog,
} from '../../domain/vendor-events/vendor-event.ts';
import { afterChange, type EncoderSeen, nothingSeen, windowsOf } from '../../domain/windows.ts';

export const outageText = ({ from, to, why }: Outage): string =>
  `looks failed from ${formatInstant(from)} to ${formatInstant(to)} (${why})`;

const minuteMs = 60_000;
/** Each recheck costs history, and any holder of a token may send many vendor events. */
const maxRechecks = 500;

/** The confirmed changes of the encoder, and the number of watches. */
export class EncoderRecord {
  /** As last confirmed. */
  presence: Presence = noEncoder;
  /** When the channel began to accept encoders: no window begins earlier. */
  openedAt?: number;
  /** The run was reset, or joins a show that an earlier run was cut off from: sessions may have begun before it. */
  joins: boolean;
  /** When it could not be seen while it was absent, and why: it may have come and left then. */
  outage?: Outage;
  #recordsSince = 0;
  #seen: EncoderSeen = nothingSeen;
  #looks = 0;
  #changes = 0;
  #changedAt = 0;
  #rechecks = 0;
  #droppedBefore = 0;
  readonly #vendorEvents = new VendorEventLog();

  constructor({ joins = false } = {}) {
    this.joins = joins;
  }

  /** Nothing that was sent before is recorded. Epoch milliseconds. */
  outputSince(instant: number): void {
    this.#recordsSince = instant;
    this.openedAt = Math.max(this.openedAt ?? 0, instant);
  }

  /** A run that joins a show counts from the vendor's session, as far back as it is recorded. */
  joined(sessionSince: number): void {
    if (!this.joins || this.openedAt === undefined || sessionSince >= this.openedAt) return;
    this.openedAt = Math.max(sessionSince, this.#recordsSince);
  }

  /** A number for the next look, so that two looks never share an activity id. */
  nextLook(): number {
    this.#looks += 1;
    return this.#looks;
  }

  /** Adds a confirmed change. */
  add(change: EncoderChange): void {
    if (change.since !== undefined) this.joined(change.since);
    this.outage = undefined;
    this.#changes += 1;
    this.#changedAt = Date.now();
    this.presence = presenceAfter(this.presence, change);
    this.#seen = afterChange(this.#seen, change);
  }

  /** Adds an outage to those since it was last there. */
  couldNotBeSeen(outage: Outage): void {
    this.outage = { ...outage, from: Math.min(outage.from, this.outage?.from ?? outage.from) };
  }

  /** The spans in which the encoder was connected, up to now; undefined before the channel was open. */
  windows(now: number): LiveWindow[] | undefined {
    return this.openedAt === undefined ? undefined : windowsOf(this.#seen, { from: this.openedAt, to: now });
  }

  /** No change is reported before this instant, because the encoder has come and gone so often. */
  quietUntil(): number | undefined {
    const quietMs = this.#changes < 100 ? 0 : this.#changes < 1000 ? minuteMs : 5 * minuteMs;
    return quietMs === 0 ? undefined : this.#changedAt + quietMs;
  }

  /**
   * Keeps new vendor events as evidence, and counts those that the sender had no room for; both are unchecked. `isDue`: one
   * of them calls for a recheck.
   */
  keep(sent: unknown, droppedBefore: unknown): { kept: VendorEvent[]; dropped: number; isDue: boolean } {
    const now = Date.now();
    const fresh = this.#vendorEvents.add(readVendorEvents(sent, now));
    if (Number.isSafeInteger(droppedBefore)) this.#droppedBefore += Math.max(0, Number(droppedBefore));
    const { kept, dropped } = this.#vendorEvents;
    return { kept, dropped: dropped + this.#droppedBefore, isDue: fresh.some((event) => callsForRecheck(event, now)) };
  }

  /** Counts a recheck; false when there were too many, or the encoder changes so often that the next look must do. */
  mayRecheck(): boolean {
    if (Date.now() < (this.quietUntil() ?? 0) || this.hasTooManyRechecks) return false;
    this.#rechecks += 1;
    return true;
  }

  /** From then on signals do not make the run look: it looks by itself. */
  get hasTooManyRechecks(): boolean {
    return this.#rechecks >= maxRechecks;
  }
}
