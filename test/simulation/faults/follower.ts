import { setTimeout as pause } from 'node:timers/promises';
import type { ShowcallerClient } from '../../../client/client.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';

const lookEveryMs = 200;
const lastPhases: ReadonlySet<Phase> = new Set(['completed', 'failed', 'cancelled']);

/** Follows one event for everybody who waits for something in it. */
export class Follower {
  readonly #showcaller: ShowcallerClient;
  readonly #eventId: string;
  readonly #over = new AbortController();
  readonly #waiting = new Set<() => void>();
  latest?: EventStatus;

  constructor(showcaller: ShowcallerClient, eventId: string) {
    this.#showcaller = showcaller;
    this.#eventId = eventId;
  }

  /** Aborted when the event is over, or given up. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Looks until the event is over; calls `onLook` for each look. */
  async follow(onLook: (status: EventStatus) => Promise<void>): Promise<void> {
    while (!this.over.aborted) {
      // A run that has not begun answers nothing.
      const status = await this.#showcaller.status(this.#eventId).catch(() => undefined);
      if (status) {
        this.latest = status;
        for (const check of this.#waiting) check();
        if (lastPhases.has(status.phase)) return this.end();
        await onLook(status);
      }
      await pause(lookEveryMs);
    }
  }

  end(): void {
    this.#over.abort();
    for (const check of this.#waiting) check();
  }

  /** The status that fulfils the condition; undefined when the event is over without. */
  until(condition: (status: EventStatus) => boolean): Promise<EventStatus | undefined> {
    return new Promise((resolve) => {
      const check = () => {
        const there = this.latest && condition(this.latest) ? this.latest : undefined;
        if (!there && !this.over.aborted) return;
        this.#waiting.delete(check);
        resolve(there);
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Waits, but not longer than the event lasts. */
  async pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.over }).catch(() => undefined);
  }
}

export const hasEntered =
  (phase: Phase) =>
  ({ entered }: EventStatus): boolean =>
    entered[phase] !== undefined;
