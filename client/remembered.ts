import { keepNewest } from '../domain/keep-newest.ts';

interface RememberedValue<T> {
  value: T;
  until: number;
}

const mostEntries = 10_000;

/** Values by key, each for `ms` milliseconds; the oldest go first when there are too many. */
export class Remembered<T> {
  readonly #ms: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, RememberedValue<T>>();

  /** @param now a clock in milliseconds; by default a monotonic one */
  constructor(ms: number, now: () => number = () => performance.now()) {
    this.#ms = ms;
    this.#now = now;
  }

  has(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > this.#now();
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.until > this.#now() ? entry.value : undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  set(key: string, value: T, ms = this.#ms): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#now() + ms });
    keepNewest(this.#entries, mostEntries);
  }
}
