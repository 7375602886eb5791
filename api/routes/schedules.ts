import { z } from 'zod';
import type { ScheduleInput } from '../../client/schedules/input.ts';
import { principalOf } from '../auth/authorize.ts';
import { pathIn, scheduleOf, scopeOf } from '../auth/tenancy.ts';
import type { TenantQuotas } from '../auth/tenant-quotas.ts';
import type { Api } from '../deps.ts';
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

export function scheduleRoutes(app: Api, quotas: TenantQuotas): void {
  readRoutes(app);
  writeRoutes(app, quotas);
  actionRoutes(app, quotas);
}

function readRoutes(app: Api): void {
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
      return scopeOf(request).schedules.page(request.query);
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

function writeRoutes(app: Api, quotas: TenantQuotas): void {
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
      const { schedules } = scopeOf(request);
      const principal = principalOf(request);
      const input = request.body as ScheduleInput;
      const places = schedules.runsAtOnce(input);
      const create = async (hasRoom: boolean) => {
        if (!hasRoom) throw quotas.exceeded('events', principal);
        return schedules.create(input);
      };
      const made = await quotas.within('schedules', principal, async (hasRoom) => {
        if (!hasRoom) throw quotas.exceeded('schedules', principal);
        return quotas.within('events', principal, create, { places });
      });
      const { scheduleId } = made;
      request.log.info({ scheduleId, by: principal.name }, 'schedule made');
      return reply
        .code(201)
        .header('location', pathIn(request, `/v1/schedules/${scheduleId}`))
        .send(made);
    },
  );
  app.put(
    one,
    {
      config: { permission: 'admin', tenancy: 'schedule' },
      schema: {
        tags,
        operationId: 'updateSchedule',
        summary: 'Replace a recurring show, except whether it is paused',
        params: scheduleIdParam,
        body,
        response: { 200: scheduleReportSchema },
      },
    },
    async (request) => {
      const { scheduleId } = request.params;
      const input = request.body as ScheduleInput | null;
      if (input?.scheduleId !== scheduleId) {
        const message = `must be ${scheduleId}, as in the path`;
        throw invalid(422, 'invalid-request', 'the body names another schedule than the path', [
          { path: 'scheduleId', message },
        ]);
      }
      const { schedules } = scopeOf(request);
      const principal = principalOf(request);
      const places = await schedules.placesToUpdate(input);
      const update = async (hasRoom: boolean) => {
        if (!hasRoom) throw quotas.exceeded('events', principal);
        return schedules.update(input);
      };
      return quotas.within('events', principal, update, { places });
    },
  );
  app.delete(
    one,
    {
      config: { permission: 'admin', tenancy: 'schedule' },
      schema: {
        tags,
        operationId: 'deleteSchedule',
        summary: 'Delete a recurring show; running events do not change',
        params: scheduleIdParam,
        response: { 204: z.undefined().describe('It is gone.') },
      },
    },
    async (request, reply) => {
      const { scheduleId } = request.params;
      await scopeOf(request).schedules.delete(scheduleId);
      request.log.info({ scheduleId, by: principalOf(request).name }, 'schedule deleted');
      return reply.code(204).send();
    },
  );
}

function actionRoutes(app: Api, quotas: TenantQuotas): void {
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
        const { schedules } = scopeOf(request);
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
      const principal = principalOf(request);
      const by = actorOf(principal, onBehalfOf);
      request.log.info({ scheduleId, action: 'trigger', by, reason }, 'operator action');
      const trigger = async (hasRoom: boolean) => {
        if (!hasRoom) throw quotas.exceeded('events', principal);
        return scopeOf(request).schedules.trigger(scheduleId);
      };
      return quotas.within('events', principal, trigger, {
        isMade: ({ outcome }) => outcome === 'started',
        // Where one run waits for the end of another, it takes the place that the schedule has.
        places: scheduleOf(request).overlap === 'allow-all' ? 1 : 0,
      });
    },
  );
}
