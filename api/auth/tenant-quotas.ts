import type { ShowcallerClient } from '../../client/client.ts';
import type { ShowcallerSchedules } from '../../client/schedules/schedules.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Principal } from './permissions.ts';
import { QuotaCounter } from './quota-counter.ts';
import type { QuotasOf } from './quotas.ts';
import type { TenancyDeps } from './tenancy.ts';

/** The quotas of things that are made, as the routes that make them see them. */
export class TenantQuotas {
  readonly #quotasOf: QuotasOf;
  readonly #counters: Record<'events' | 'schedules', QuotaCounter>;

  constructor({ client, schedules }: TenancyDeps, quotasOf: QuotasOf) {
    this.#quotasOf = quotasOf;
    this.#counters = {
      events: new QuotaCounter((tenant) => placesTaken(client.forTenant(tenant), schedules.forTenant(tenant))),
      schedules: new QuotaCounter((tenant) => schedules.forTenant(tenant).count()),
    };
  }

  /**
   * Makes one within the quota of the caller's tenant; callers of all tenants have none. Without room the work may only
   * find what is there already.
   *
   * @param places how many it takes
   */
  async within<T>(
    kind: 'events' | 'schedules',
    { tenant }: Principal,
    work: (hasRoom: boolean) => Promise<T>,
    { isMade = () => true, places = 1 }: { isMade?: (outcome: T) => boolean; places?: number } = {},
  ): Promise<T> {
    if (tenant === undefined) return work(true);
    const reservation = await this.#counters[kind].reserve(tenant, this.#quotasOf(tenant)[kind], places);
    try {
      const outcome = await work(reservation !== undefined);
      if (isMade(outcome)) reservation?.made();
      else reservation?.cancel();
      return outcome;
    } catch (error) {
      reservation?.cancel();
      throw error;
    }
  }

  /** Why nothing was made. */
  exceeded(kind: 'events' | 'schedules', { tenant = '' }: Principal): HttpProblem {
    const quota = this.#quotasOf(tenant)[kind];
    const what = kind === 'events' ? 'events that are not over or that schedules will begin' : 'schedules';
    const detail = `tenant ${tenant} has ${quota} ${what}, its quota: end some, or have it raised`;
    return new HttpProblem({ status: 403, kind: 'quota', title: 'Quota exceeded', detail });
  }
}

/** How many places of the events quota a tenant takes: its events that are not over, and those that its schedules can begin. */
async function placesTaken(client: ShowcallerClient, schedules: ShowcallerSchedules): Promise<number> {
  const [byHand, ofSchedules] = await Promise.all([client.countRunning({ scheduled: false }), schedules.placesTaken()]);
  return byHand + ofSchedules;
}
