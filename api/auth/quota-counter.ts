import { ByTenant } from './by-tenant.ts';

/** A place within a quota, taken for something that is being made. */
export interface Reservation {
  /** It was made. */
  made(): void;
  /** It was not. */
  cancel(): void;
}

interface TenantCount {
  /** By Temporal, which sees what is new a moment late. */
  counted: number;
  countedAt: number;
  counting: Promise<void> | undefined;
  reserved: number;
  /** When the newest were made here. */
  madeAt: number[];
}

/** A count by Temporal is used for so long. */
const freshForMs = 5_000;
/** What is made is in Temporal's count so much later at the most. */
const seenWithinMs = 2_000;
/** While the quota is used up, Temporal counts again after so long: an event may have ended. */
const recountAfterMs = 1_000;

const mostTenants = 10_000;

const uncounted = (): TenantCount => {
  const countedAt = Number.NEGATIVE_INFINITY;
  return { counted: 0, countedAt, counting: undefined, reserved: 0, madeAt: [] };
};

const isIdle = ({ reserved, madeAt }: TenantCount): boolean =>
  reserved === 0 && madeAt.every((at) => at < performance.now() - seenWithinMs);

/**
 * Counts what each tenant has of one kind. A place is taken before Temporal is called, so that requests at the same moment
 * cannot all take the last one.
 */
export class QuotaCounter {
  readonly #count: (tenant: string) => Promise<number>;
  readonly #tenants = new ByTenant(uncounted, mostTenants, isIdle);

  constructor(count: (tenant: string) => Promise<number>) {
    this.#count = count;
  }

  /** Takes places; undefined when the quota has not so many left. */
  async reserve(tenant: string, quota: number, places = 1): Promise<Reservation | undefined> {
    if (places === 0) return { made: () => {}, cancel: () => {} };
    const state = this.#tenants.of(tenant);
    await this.#refresh(tenant, state, freshForMs);
    if (usedIn(state) + places > quota) await this.#refresh(tenant, state, recountAfterMs);
    if (usedIn(state) + places > quota) return undefined;
    state.reserved += places;
    return {
      made: () => {
        state.reserved -= places;
        state.madeAt.push(...Array<number>(places).fill(performance.now()));
      },
      cancel: () => {
        state.reserved -= places;
      },
    };
  }

  async #refresh(tenant: string, state: TenantCount, olderThanMs: number): Promise<void> {
    if (performance.now() - state.countedAt < olderThanMs) return;
    state.counting ??= this.#recount(tenant, state).finally(() => {
      state.counting = undefined;
    });
    await state.counting;
  }

  async #recount(tenant: string, state: TenantCount): Promise<void> {
    const askedAt = performance.now();
    state.counted = await this.#count(tenant);
    state.countedAt = askedAt;
    state.madeAt = state.madeAt.filter((at) => at > askedAt - seenWithinMs);
  }
}

/** What was made shortly before a count may be in it or not: it is counted, so that the quota holds. */
const usedIn = ({ counted, reserved, madeAt }: TenantCount): number => counted + reserved + madeAt.length;
