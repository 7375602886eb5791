import { condition, proxyActivities } from '@temporalio/workflow';
import type { BookingActivities } from '../activities/contract.ts';
import { isBudget } from '../domain/booking/budget.ts';
import type { Booking } from '../domain/booking/calendar.ts';

/** A budget that is reached between two looks, because an event began, is seen at the next. */
const lookEveryMs = 60_000;
/** Two looks are at least so far apart. */
const shortestMs = 1_000;

const { lookAtBudgets } = proxyActivities<BookingActivities>({
  startToCloseTimeout: '2m',
  scheduleToCloseTimeout: '10m',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
  summary: 'look at what the tenants have used of their budgets',
});

/**
 * Looks at the budgets of tenants while an event of theirs holds a part of one and has begun: at each instant at which a
 * share is reached if all goes on as it does, and at least every minute.
 */
export class BudgetFollower {
  readonly #held: () => readonly Booking[];
  readonly #mustEnd: () => boolean;
  #isFollowing = false;
  #nextAt = 0;

  /** @param mustEnd the workflow is to go on as a new one */
  constructor(held: () => readonly Booking[], mustEnd: () => boolean) {
    this.#held = held;
    this.#mustEnd = mustEnd;
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Begins where something of a budget is held; without it the history has nothing of budgets. */
  follow(): void {
    if (this.#isFollowing || this.#begins() === undefined) return;
    this.#isFollowing = true;
    void this.#followAll().finally(() => {
      this.#isFollowing = false;
    });
  }

  async #followAll(): Promise<void> {
    for (;;) {
      const begins = this.#begins();
      if (begins === undefined || this.#mustEnd()) return;
      const at = Math.max(begins, this.#nextAt);
      const now = Date.now();
      if (at > now) {
        const changes = () => this.#mustEnd() || this.#begins() !== begins;
        await condition(changes, at - now);
        continue;
      }
      const nextInMs = await this.#look(now);
      this.#nextAt = Date.now() + Math.max(shortestMs, Math.min(lookEveryMs, nextInMs ?? lookEveryMs));
    }
  }

  async #look(now: number): Promise<number | undefined> {
    const tenants = this.#parts().filter(({ from }) => from <= now);
    try {
      return (await lookAtBudgets({ tenants: [...new Set(tenants.map(({ tenant }) => tenant))] })).nextInMs;
    } catch {
      // No worker could look for minutes: the next look may.
      return undefined;
    }
  }

  /** When the first event begins that holds a part of a budget; undefined where none does. */
  #begins(): number | undefined {
    const parts = this.#parts();
    return parts.length === 0 ? undefined : Math.min(...parts.map(({ from }) => from));
  }

  #parts(): { tenant: string; from: number }[] {
    const now = Date.now();
    return this.#held().flatMap(({ tenant, uses }) => {
      const own = uses.filter(({ use, to }) => isBudget(use) && to > now);
      return tenant === undefined ? [] : own.map(({ from }) => ({ tenant, from }));
    });
  }
}
