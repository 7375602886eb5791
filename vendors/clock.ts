/** Date has whole seconds: half of one is the least that it can be wrong by, once its middle is taken. */
const halfSecondMs = 500;

/** How far the clock of this machine is ahead of a vendor's, by the `Date` of its answers. */
export class VendorClock {
  #best: { aheadMs: number; errorMs: number } | undefined;

  /** After each answer. `sentAt` is this machine's time when the request left, epoch milliseconds. */
  seen(date: string | null | undefined, sentAt: number): void {
    const at = Date.parse(date ?? '');
    if (Number.isNaN(at)) return;
    const now = Date.now();
    const errorMs = halfSecondMs + (now - sentAt) / 2;
    const aheadMs = (now + sentAt) / 2 - (at + halfSecondMs);
    if (!this.#best || errorMs <= this.#best.errorMs) this.#best = { aheadMs, errorMs };
  }

  /** Milliseconds that the clocks differ by for certain; negative when this machine's is behind. Undefined before any answer. */
  get aheadMs(): number | undefined {
    if (!this.#best) return undefined;
    const { aheadMs, errorMs } = this.#best;
    return Math.sign(aheadMs) * Math.max(0, Math.abs(aheadMs) - errorMs);
  }
}
