import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ShowcallerClient } from '../../client/client.ts';
import { NoSuchEventError, NoSuchScheduleError } from '../../client/errors.ts';
import type { EventFilter } from '../../client/listing.ts';
import type { ShowcallerSchedules } from '../../client/schedules/schedules.ts';
import type { ScheduleReport } from '../../client/schedules/view.ts';
import { forbidden } from '../http/problem.ts';
import type { Limits } from '../limits.ts';
import { principalOf } from './authorize.ts';
import type { Principal } from './permissions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    schedule: ScheduleReport | null;
  }
}

/** The schedule in the path, which the caller may see; only on routes with the tenancy `schedule`. */
export function scheduleOf({ schedule }: FastifyRequest): ScheduleReport {
  if (!schedule) throw new Error('this route has no schedule in its path');
  return schedule;
}

/** What the checks ask. */
export interface TenancyDeps {
  client: ShowcallerClient;
  schedules: ShowcallerSchedules;
}

/** Before a route of one event or schedule runs: the caller's tenant must own it. What another tenant owns is not found. */
export function checkTenancy(app: FastifyInstance, { client, schedules }: TenancyDeps, limits: Limits): void {
  app.decorateRequest('schedule', null);
  app.addHook('preHandler', async (request) => {
    const { tenancy, answerMs = limits.answerMs } = request.routeOptions.config;
    const { eventId = '', scheduleId = '' } = request.params as { eventId?: string; scheduleId?: string };
    if (tenancy === 'event') await client.within(answerMs, () => checkEvent(client, principalOf(request), eventId));
    if (tenancy === 'schedule')
      request.schedule = await client.within(answerMs, () => ownSchedule(schedules, principalOf(request), scheduleId));
  });
}

async function checkEvent(client: ShowcallerClient, { tenant }: Principal, eventId: string): Promise<void> {
  if (tenant === undefined) return;
  const summary = await client.summary(eventId);
  if (summary.tenant !== tenant) throw new NoSuchEventError(eventId);
}

async function ownSchedule(schedules: ShowcallerSchedules, { tenant }: Principal, scheduleId: string) {
  const report = await schedules.describe(scheduleId);
  if (tenant !== undefined && report.plan.tenant !== tenant) throw new NoSuchScheduleError(scheduleId);
  return report;
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
