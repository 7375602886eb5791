import type { ShowcallerClient } from '../../client/client.ts';
import { NoSuchEventError, NoSuchScheduleError } from '../../client/errors.ts';
import type { EventFilter } from '../../client/listing.ts';
import type { ScheduleReport } from '../../client/schedules/view.ts';
import { forbidden } from '../http/problem.ts';
import type { Principal } from './permissions.ts';

/** An event of somebody else's is not there for this caller. */
export async function checkSees(client: ShowcallerClient, { tenant }: Principal, eventId: string): Promise<void> {
  if (tenant === undefined) return;
  const summary = await client.summary(eventId);
  if (summary.tenant !== tenant) throw new NoSuchEventError(eventId);
}

export function checkSeesSchedule({ tenant }: Principal, { scheduleId, plan }: ScheduleReport): void {
  if (tenant !== undefined && plan.tenant !== tenant) throw new NoSuchScheduleError(scheduleId);
}

/** What was sent as a plan, in the caller's own tenant. What is no object is left for the check of plans. */
export function inTenant({ name, tenant }: Principal, plan: unknown): unknown {
  if (tenant === undefined || plan === null || typeof plan !== 'object' || Array.isArray(plan)) return plan;
  const given = (plan as { tenant?: unknown }).tenant;
  if (given !== undefined && given !== tenant) throw forbidden(`${name} acts for tenant ${tenant} alone`);
  return { ...plan, tenant };
}

export function filterFor({ name, tenant }: Principal, filter: EventFilter): EventFilter {
  if (tenant === undefined) return filter;
  if (filter.tenant !== undefined && filter.tenant !== tenant) throw forbidden(`${name} sees tenant ${tenant} alone`);
  return { ...filter, tenant };
}
