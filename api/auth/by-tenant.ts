/**
 * What is kept for each tenant, made when it is first asked for. Tenants are named by tokens, an issuer's too, and so there is no
 * end to them: those that were asked for longest ago are forgotten, unless something of theirs is under way.
 */
export class ByTenant<T> {
  readonly #make: (tenant: string) => T;
  readonly #most: number;
  readonly #isIdle: (kept: T) => boolean;
  readonly #kept = new Map<string, T>();

  constructor(make: (tenant: string) => T, most: number, isIdle: (kept: T) => boolean = () => true) {
    this.#make = make;
    this.#most = most;
    this.#isIdle = isIdle;
  }

  of(tenant: string): T {
    const kept = this.#kept.get(tenant) ?? this.#make(tenant);
    this.#kept.delete(tenant);
    if (this.#kept.size >= this.#most) this.#forgetOne();
    this.#kept.set(tenant, kept);
    return kept;
  }

  get size(): number {
    return this.#kept.size;
  }

  #forgetOne(): void {
    for (const [oldest, kept] of this.#kept) {
      if (!this.#isIdle(kept)) continue;
      this.#kept.delete(oldest);
      return;
    }
  }
}
