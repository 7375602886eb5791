interface Entry<T> {
  value: T;
  until: number;
}

const mostEntries = 10_000;

/** Values by key for a while; the oldest go first when there are too many. Measured on a monotonic clock. */
export class Remembered<T> {
  readonly #ms: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(ms: number) {
    this.#ms = ms;
  }

  has(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > performance.now();
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.until > performance.now() ? entry.value : undefined;
  }

  set(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: performance.now() + this.#ms });
    if (this.#entries.size <= mostEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}
