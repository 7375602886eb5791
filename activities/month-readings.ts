import type { BudgetsPort, MonthUsed } from './ports.ts';
import { within } from './waiting.ts';

/** A month that took longer to read is kept for so long, for those that ask again. */
const slowMs = 2_000;
const keptMs = 30_000;
/** A reading that took longer may never end. */
const hungMs = 120_000;

interface Reading {
  month: Promise<{ used: MonthUsed | undefined }>;
  since: number;
  isDone: boolean;
}

/** What tenants have used in a month, each read once at a time, however many ask. */
export class MonthReadings {
  readonly #budgets: BudgetsPort | undefined;
  readonly #readings = new Map<string, Reading>();

  constructor(budgets: BudgetsPort | undefined) {
    this.#budgets = budgets;
  }

  /**
   * Undefined where the month is not read in this time, from the beginning of its reading on: who asks later waits less. The reading goes on.
   *
   * @throws what the reading threw
   */
  async of(tenant: string, month: string, withinMs: number): Promise<{ used: MonthUsed | undefined } | undefined> {
    const key = `${month} ${tenant}`;
    const known = this.#readings.get(key);
    const isUsable = known && (known.isDone || performance.now() - known.since < hungMs);
    const reading = isUsable ? known : this.#begin(key, tenant, month);
    return within(reading.month, Math.max(0, reading.since + withinMs - performance.now()));
  }

  #begin(key: string, tenant: string, month: string): Reading {
    const read = async () => ({ used: await this.#budgets?.used(tenant, month) });
    const reading: Reading = { month: read(), since: performance.now(), isDone: false };
    this.#readings.set(key, reading);
    const forget = () => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    };
    const done = () => {
      reading.isDone = true;
      if (performance.now() - reading.since < slowMs) forget();
      else setTimeout(forget, keptMs).unref();
    };
    reading.month.then(done, forget);
    return reading;
  }
}
