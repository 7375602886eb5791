import { z } from 'zod';
import type { ScheduleInput } from '../../client/schedules/input.ts';
import type { ShowcallerSchedules } from '../../client/schedules/schedules.ts';
import { principalOf } from '../auth/authorize.ts';
import type { Principal } from '../auth/permissions.ts';
import { inTenant, scheduleOf } from '../auth/tenancy.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { invalid } from '../http/problem.ts';
import { checkedByTheClient } from '../openapi/validation.ts';
import { reasonBody } from '../schemas/action.ts';
import {
  scheduleBody,
  scheduleIdParam,
  scheduleQuery,
  scheduleReportSchema,
  schedulesSchema,
  triggeredSchema,
} from '../schemas/schedule.ts';
import { actorOf } from './actions.ts';

const tags = ['schedules'];
const body = checkedByTheClient(scheduleBody);
const one = '/v1/schedules/:scheduleId';

export function scheduleRoutes(app: Api, { schedules }: ApiDeps): void {
  readRoutes(app, schedules);
  writeRoutes(app, schedules);
  actionRoutes(app, schedules);
}

function readRoutes(app: Api, schedules: ShowcallerSchedules): void {
  app.get(
    '/v1/schedules',
    {
      config: { permission: 'viewer', tenancy: 'own' },
      schema: {
        tags,
        operationId: 'listSchedules',
        summary: 'Recurring shows',
        description: 'A new schedule may appear here a moment late.',
        querystring: scheduleQuery,
        response: { 200: schedulesSchema },
      },
    },
    async (request) => {
      const { tenant } = principalOf(request);
      const found: z.infer<typeof scheduleReportSchema>[] = [];
      for await (const report of schedules.list()) {
        if (tenant === undefined || report.plan.tenant === tenant) found.push(report);
        if (found.length === request.query.limit) break;
      }
      return { schedules: found };
    },
  );
  app.get(
    one,
    {
      config: { permission: 'viewer', tenancy: 'schedule' },
      schema: {
        tags,
        operationId: 'getSchedule',
        summary: 'A recurring show, its next five dates, and what it began lately',
        params: scheduleIdParam,
        response: { 200: scheduleReportSchema },
      },
    },
    async (request) => scheduleOf(request),
  );
}

function writeRoutes(app: Api, schedules: ShowcallerSchedules): void {
  app.post(
    '/v1/schedules',
    {
      config: { permission: 'admin', tenancy: 'own' },
      schema: {
        tags,
        operationId: 'createSchedule',
        summary: 'Make a recurring show',
        body,
        response: { 201: scheduleReportSchema },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const input = ownInput(principal, request.body);
      const made = await schedules.create(input);
      request.log.info({ scheduleId: made.scheduleId, by: principal.name }, 'schedule made');
      return reply.code(201).header('location', `/v1/schedules/${made.scheduleId}`).send(made);
    },
  );
  app.put(
    one,
    {
      config: { permission: 'admin', tenancy: 'schedule' },
      schema: {
        tags,
        operationId: 'updateSchedule',
        summary: 'Set all of a recurring show anew, except whether it is paused',
        params: scheduleIdParam,
        body,
        response: { 200: scheduleReportSchema },
      },
    },
    async (request) => {
      const { scheduleId } = request.params;
      const principal = principalOf(request);
      const input = ownInput(principal, request.body);
      if (input?.scheduleId !== scheduleId) {
        const message = `must be ${scheduleId}, as in the path`;
        throw invalid(422, 'invalid-request', 'the body names another schedule than the path', [
          { path: 'scheduleId', message },
        ]);
      }
      return schedules.update(input);
    },
  );
  app.delete(
    one,
    {
      config: { permission: 'admin', tenancy: 'schedule' },
      schema: {
        tags,
        operationId: 'deleteSchedule',
        summary: 'No further show begins; shows that run are not touched',
        params: scheduleIdParam,
        response: { 204: z.undefined().describe('It is gone.') },
      },
    },
    async (request, reply) => {
      const { scheduleId } = request.params;
      await schedules.delete(scheduleId);
      request.log.info({ scheduleId, by: principalOf(request).name }, 'schedule deleted');
      return reply.code(204).send();
    },
  );
}

/** The schedule with its plan in the caller's own tenant. What is no object is left for the check of schedules. */
function ownInput(principal: Principal, given: unknown): ScheduleInput {
  if (given === null || typeof given !== 'object' || !('plan' in given)) return given as ScheduleInput;
  return { ...given, plan: inTenant(principal, given.plan) } as ScheduleInput;
}

function actionRoutes(app: Api, schedules: ShowcallerSchedules): void {
  const actions = [
    ['pause', 'No show begins until it is resumed; shows missed meanwhile stay missed'],
    ['resume', 'Shows begin again'],
  ] as const;
  for (const [action, summary] of actions) {
    app.post(
      `${one}/actions/${action}`,
      {
        config: { permission: 'operator', tenancy: 'schedule' },
        schema: {
          tags,
          operationId: `${action}Schedule`,
          summary,
          params: scheduleIdParam,
          body: reasonBody,
          response: { 200: scheduleReportSchema },
        },
      },
      async (request) => {
        const { scheduleId } = request.params as z.infer<typeof scheduleIdParam>;
        const { reason, onBehalfOf } = request.body;
        const note = `${actorOf(principalOf(request), onBehalfOf)}: ${reason}`;
        await schedules[action](scheduleId, note);
        request.log.info({ scheduleId, action, note }, 'operator action');
        return schedules.describe(scheduleId);
      },
    );
  }
  app.post(
    `${one}/actions/trigger`,
    {
      config: { permission: 'operator', tenancy: 'schedule' },
      schema: {
        tags,
        operationId: 'triggerSchedule',
        summary: 'Begin a show now',
        params: scheduleIdParam,
        body: reasonBody,
        response: { 200: triggeredSchema },
      },
    },
    async (request) => {
      const { scheduleId } = request.params;
      const { reason, onBehalfOf } = request.body;
      const by = actorOf(principalOf(request), onBehalfOf);
      request.log.info({ scheduleId, action: 'trigger', by, reason }, 'operator action');
      return schedules.trigger(scheduleId);
    },
  );
}
