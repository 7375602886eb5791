import type {
  ActivitySlotInfo,
  CustomSlotSupplier,
  SlotPermit,
  SlotReleaseContext,
  SlotReserveContext,
} from '@temporalio/worker';

/** A poll that gets no step for so long hardly loses one. */
export const quietMs = 2_000;

interface Waiting {
  give: (slot: SlotPermit) => void;
  signal: AbortSignal;
}

/**
 * So many steps at once, as the SDK's own slots of a fixed number; and these can be closed. The SDK ends the open polls of a worker that
 * stops at once, and loses the step that the server hands out in that moment: it is tried again after its heartbeat timeout, which is
 * too late for a cue. With closed slots each open poll gets its last step before.
 * https://github.com/temporalio/sdk-rust/blob/main/crates/sdk-core/src/pollers/poll_buffer.rs
 */
export class StepSlots implements CustomSlotSupplier<ActivitySlotInfo> {
  readonly type = 'custom';
  #free: number;
  /** Given to a poll that has no step yet. */
  #unused = 0;
  #waiting: Waiting[] = [];
  #isClosed = false;
  #gotOne: () => void = () => {};

  constructor(slots: number) {
    this.#free = slots;
  }

  reserveSlot(_: SlotReserveContext, signal: AbortSignal): Promise<SlotPermit> {
    const now = this.tryReserveSlot();
    if (now) return Promise.resolve(now);
    return new Promise((give, reject) => {
      this.#waiting.push({ give, signal });
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  /** For a step that goes to its worker with the answer. */
  tryReserveSlot(): SlotPermit | null {
    if (this.#isClosed || this.#free === 0) return null;
    this.#free -= 1;
    this.#unused += 1;
    return {};
  }

  markSlotUsed(): void {
    this.#hasOneLessUnused();
  }

  releaseSlot({ slotInfo }: SlotReleaseContext<ActivitySlotInfo>): void {
    this.#free += 1;
    if (slotInfo === undefined) this.#hasOneLessUnused();
    this.#waiting = this.#waiting.filter(({ signal }) => !signal.aborted);
    const slot = this.#waiting.length > 0 ? this.tryReserveSlot() : null;
    if (slot) this.#waiting.shift()?.give(slot);
  }

  /** Gives no more. Resolves when no poll is open, or when none has got a step for so long: those that are still open get little. */
  async close(quietMs: number): Promise<void> {
    this.#isClosed = true;
    if (this.#unused === 0) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        this.#gotOne = () => {};
        clearTimeout(quiet);
        resolve();
      };
      const quiet = setTimeout(end, quietMs);
      this.#gotOne = () => (this.#unused > 0 ? void quiet.refresh() : end());
    });
  }

  #hasOneLessUnused(): void {
    this.#unused -= 1;
    this.#gotOne();
  }
}
