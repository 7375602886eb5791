import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ShowcallerClient } from '../../client/client.ts';
import type { EventSummary } from '../../client/listing.ts';
import type { ShowcallerSchedules } from '../../client/schedules/schedules.ts';
import type { ScheduleReport } from '../../client/schedules/view.ts';
import { tenantSchema } from '../../plan/texts.ts';
import { forbidden } from '../http/problem.ts';
import type { ApiLimits } from '../limits.ts';
import { principalOf } from './authorize.ts';

/** All that a route may reach: the events and schedules of the caller's tenant, or of all tenants. */
export interface Scope {
  tenant?: string;
  client: ShowcallerClient;
  schedules: ShowcallerSchedules;
  /** The event or schedule in the path. */
  event?: EventSummary;
  schedule?: ScheduleReport;
}

declare module 'fastify' {
  interface FastifyRequest {
    scope: Scope | null;
  }
}

/** Only on routes that declare a tenancy other than `none`. */
export function scopeOf({ scope }: FastifyRequest): Scope {
  if (!scope) throw new Error('this route declares no tenancy: it has no scope');
  return scope;
}

/** The schedule in the path; only on routes with the tenancy `schedule`. */
export function scheduleOf(request: FastifyRequest): ScheduleReport {
  const { schedule } = scopeOf(request);
  if (!schedule) throw new Error('this route has no schedule in its path');
  return schedule;
}

/** The event in the path; only on routes with the tenancy `event`. */
export function eventOf(request: FastifyRequest): EventSummary {
  const { event } = scopeOf(request);
  if (!event) throw new Error('this route has no event in its path');
  return event;
}

/** A path that leads this caller back to what it made. */
export function pathIn(request: FastifyRequest, path: string): string {
  const { tenant } = scopeOf(request);
  const isImplied = tenant === undefined || principalOf(request).tenant !== undefined;
  return isImplied ? path : `${path}?tenant=${encodeURIComponent(tenant)}`;
}

/** The parts that make the scope of a request. */
export interface TenancyDeps {
  client: ShowcallerClient;
  schedules: ShowcallerSchedules;
}

const tenantQuery = z.strictObject({
  tenant: tenantSchema
    .optional()
    .describe('Only events and schedules of this tenant; a caller of all tenants finds by it what a tenant made.'),
});

/** Gives each request its scope, and finds in it what the path names: for everything else the answer is 404. */
export function checkTenancy(app: FastifyInstance, { client, schedules }: TenancyDeps, limits: ApiLimits): void {
  app.decorateRequest('scope', null);
  app.addHook('onRoute', (route) => {
    const { tenancy = 'none' } = route.config ?? {};
    if (tenancy !== 'none') route.schema = { ...route.schema, querystring: route.schema?.querystring ?? tenantQuery };
  });
  app.addHook('preHandler', async (request) => {
    const { tenancy = 'none', answerMs = limits.answerMs } = request.routeOptions.config;
    if (tenancy === 'none') return;
    const tenant = tenantFor(request);
    const scope: Scope = { tenant, client: client.forTenant(tenant), schedules: schedules.forTenant(tenant) };
    const { eventId = '', scheduleId = '' } = request.params as { eventId?: string; scheduleId?: string };
    if (tenancy === 'event') scope.event = await client.within(answerMs, () => scope.client.summary(eventId));
    if (tenancy === 'schedule')
      scope.schedule = await client.within(answerMs, () => scope.schedules.describe(scheduleId));
    request.scope = scope;
  });
}

/** The caller's tenant; a caller of all tenants may name one. */
function tenantFor(request: FastifyRequest): string | undefined {
  const { name, tenant } = principalOf(request);
  const { tenant: asked } = (request.query ?? {}) as { tenant?: string };
  if (tenant === undefined) return asked;
  if (asked !== undefined && asked !== tenant) throw forbidden(`${name} acts for tenant ${tenant} alone`);
  return tenant;
}
