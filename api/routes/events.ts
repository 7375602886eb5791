import { createHash } from 'node:crypto';
import { z } from 'zod';
import { NoSuchEventError } from '../../client/errors.ts';
import { ingestAddresses } from '../../client/ingest-addresses.ts';
import type { EventSummary } from '../../client/listing.ts';
import { viewOf } from '../../client/overview.ts';
import type { Plan } from '../../domain/plan.ts';
import { goesOn } from '../../domain/run-status.ts';
import { parseInstant } from '../../domain/time.ts';
import { principalOf } from '../auth/authorize.ts';
import type { Principal } from '../auth/permissions.ts';
import { eventOf, pathIn, scopeOf } from '../auth/tenancy.ts';
import type { TenantQuotas } from '../auth/tenant-quotas.ts';
import { Turns, turnOf } from '../auth/turns.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { problemOf } from '../http/errors.ts';
import { goneSignal } from '../http/gone.ts';
import { callerGone, conflict } from '../http/problem.ts';
import { SharedReads } from '../http/shared-reads.ts';
import type { ApiLimits } from '../limits.ts';
import {
  createdSchema,
  eventIdParam,
  ingestSchema,
  listQuery,
  listSchema,
  pendingSchema,
  planBody,
  statusSchema,
} from '../schemas/event.ts';

const idempotencyHeader = z.looseObject({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Names the event when the plan does not: the same key of the same caller is the same event.'),
});
/** Of a tenant, or of a caller of all tenants. */
const listsOfCaller = { atOnce: 4, mostWaiting: 1_000 };
/** With more at once Temporal answers no more of them, and some much later than others. Each caller has four there at most. */
const listsOfAll = { atOnce: 8, mostWaiting: Number.POSITIVE_INFINITY };
const tags = ['events'];

const summaryJson = ({ startsAt, key: _, ...rest }: EventSummary) => ({
  ...rest,
  startsAt: startsAt?.toISOString(),
});

export function eventRoutes(app: Api, { ingest }: ApiDeps, limits: ApiLimits, quotas: TenantQuotas): void {
  createAndList(app, limits, quotas);
  readOne(app);
  if (ingest) ingestRoute(app, ingest, limits);
}

function createAndList(app: Api, limits: ApiLimits, quotas: TenantQuotas): void {
  app.post(
    '/v1/events',
    {
      config: { permission: 'operator', tenancy: 'own' },
      schema: {
        tags,
        operationId: 'createEvent',
        summary: 'Start an event, or find the one that the same plan started',
        description: 'Safe to repeat: the same plan under the same id answers 200, another plan under it 409.',
        headers: idempotencyHeader,
        body: planBody,
        response: { 200: createdSchema, 201: createdSchema },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const key = request.headers['idempotency-key'];
      const plan = withEventId(request.body, principal, key) as Plan;
      const { client } = scopeOf(request);
      const start = async (hasRoom: boolean) => {
        try {
          return await client.start(plan, { findOnly: !hasRoom, createdBy: principal.name });
        } catch (error) {
          throw error instanceof NoSuchEventError ? quotas.exceeded('events', principal) : error;
        }
      };
      const handle = await quotas.within('events', principal, start, { isMade: (event) => event.started });
      const { eventId, started, found, samePlan, differs = [], conflicts } = handle;
      if (!started && !samePlan)
        throw conflict(
          'another-plan',
          `${eventId} was started with another plan (it differs in ${differs.join(', ')}): another show needs another event id`,
        );
      request.log.info({ eventId, by: principal.name, started }, 'event requested');
      return reply
        .code(started ? 201 : 200)
        .header('location', pathIn(request, `/v1/events/${eventId}`))
        .send({ eventId, started, found, ...(conflicts && { conflicts: [...conflicts] }) });
    },
  );
  const ofCaller = new Turns(listsOfCaller, 'lists');
  const ofAll = new Turns(listsOfAll, 'lists');
  const lists = new SharedReads<{ events: ReturnType<typeof summaryJson>[]; cursor: string | undefined }>();
  app.get(
    '/v1/events',
    {
      config: { permission: 'viewer', tenancy: 'own' },
      schema: {
        tags,
        operationId: 'listEvents',
        summary: 'Events, running ones first, newest first',
        description: 'A change may appear here a moment late.',
        querystring: listQuery,
        response: { 200: listSchema },
      },
    },
    async (request, reply) => {
      const { running, from, to, ...rest } = request.query;
      const filter = {
        ...rest,
        ...(running !== undefined && { running: running === 'true' }),
        ...(from !== undefined && { from: parseInstant(from) }),
        ...(to !== undefined && { to: parseInstant(to) }),
      };
      const { client, tenant } = scopeOf(request);
      const read = async (stop: AbortSignal) => {
        const ofAllInTurn = () => ofAll.take('', () => client.page(filter), stop);
        const inTurn = () => ofCaller.take(turnOf(request), ofAllInTurn, stop);
        try {
          // A read that waited for another has a time of its own, its turn included.
          const { events, cursor } = await client.within(limits.answerMs, inTurn, stop);
          return { events: events.map(summaryJson), cursor };
        } catch (error) {
          throw stop.aborted ? callerGone({ cause: error }) : error;
        }
      };
      return lists.read(JSON.stringify([tenant, filter]), read, goneSignal(reply));
    },
  );
}

function readOne(app: Api): void {
  app.get(
    '/v1/events/:eventId',
    {
      config: { permission: 'viewer', tenancy: 'event' },
      schema: {
        tags,
        operationId: 'getEvent',
        summary: 'Where an event is and why, or the report of one that ended',
        params: eventIdParam,
        response: { 200: statusSchema },
      },
    },
    async (request, reply) => {
      const { client } = scopeOf(request);
      const { eventId } = request.params;
      if (!goesOn(eventOf(request).workflowStatus)) return reply.send(await client.status(eventId));
      const { status, conditions } = await viewOf(client, eventId);
      return reply.send({ ...status, ...(conditions.length > 0 && { conditions }) });
    },
  );
  app.get(
    '/v1/events/:eventId/pending',
    {
      config: { permission: 'viewer', tenancy: 'event' },
      schema: {
        tags,
        operationId: 'getPendingSteps',
        summary: 'The steps that are being tried now, and why they are not done yet',
        params: eventIdParam,
        response: { 200: pendingSchema },
      },
    },
    async (request) => ({ steps: await scopeOf(request).client.pending(request.params.eventId) }),
  );
}

function ingestRoute(app: Api, endpointsOf: NonNullable<ApiDeps['ingest']>, limits: ApiLimits): void {
  app.get(
    '/v1/events/:eventId/ingest',
    {
      config: { permission: 'ingest', tenancy: 'event', inTurn: { atOnce: 4, mostWaiting: 50 } },
      schema: {
        tags,
        operationId: 'getIngest',
        summary: 'Where the encoder sends: secret',
        params: eventIdParam,
        response: { 200: ingestSchema },
      },
    },
    async (request) => {
      const { eventId } = request.params;
      const reasonOf = (failure: Error): string => {
        const { detail } = problemOf(failure).facts;
        request.log.warn({ err: failure, eventId }, detail);
        return detail;
      };
      const { workflowStatus } = eventOf(request);
      const asked = { event: eventId, workflowStatus, endpointsOf, reasonOf, withinMs: limits.answerMs };
      const addresses = await ingestAddresses(scopeOf(request).client, asked);
      request.log.info({ eventId, by: principalOf(request).name }, 'ingest endpoints sent');
      return addresses;
    },
  );
}

/** The plan with its own event id, or with one made from the caller's idempotency key. */
function withEventId(plan: unknown, { name, tenant }: Principal, key: string | undefined): unknown {
  if (key === undefined || plan === null || typeof plan !== 'object' || Array.isArray(plan)) return plan;
  if ('eventId' in plan) return plan;
  // None of them can hold a line break, so that two callers never share an id.
  const caller = tenant === undefined ? name : `${tenant}\n${name}`;
  const digest = createHash('sha256').update(`${caller}\n${key}`).digest('hex');
  return { ...plan, eventId: `key-${digest.slice(0, 32)}` };
}
