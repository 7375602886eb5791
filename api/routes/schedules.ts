import { z } from 'zod';
import type { ScheduleInput } from '../../client/schedules/input.ts';
import { principalOf } from '../auth/authorize.ts';
import type { Principal } from '../auth/permissions.ts';
import { checkSeesSchedule, inTenant } from '../auth/tenancy.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { invalid } from '../http/problem.ts';
import type { Limits } from '../limits.ts';
import { checkedLater } from '../openapi/validation.ts';
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
const body = checkedLater(scheduleBody);
const one = '/v1/schedules/:scheduleId';

export function scheduleRoutes(app: Api, deps: ApiDeps, limits: Limits): void {
  read(app, deps, limits);
  write(app, deps, limits);
  direct(app, deps, limits);
}

function read(app: Api, deps: ApiDeps, limits: Limits): void {
  const { client, schedules } = deps;
  app.get(
    '/v1/schedules',
    {
      config: { permission: 'viewer' },
      schema: {
        tags,
        operationId: 'listSchedules',
        summary: 'Recurring shows',
        description: 'A new one may be seen here a moment late.',
        querystring: scheduleQuery,
        response: { 200: schedulesSchema },
      },
    },
    async (request) => {
      const { tenant } = principalOf(request);
      const found: z.infer<typeof scheduleReportSchema>[] = [];
      await client.within(limits.answerMs, async () => {
        for await (const report of schedules.list()) {
          if (tenant === undefined || report.plan.tenant === tenant) found.push(report);
          if (found.length === request.query.limit) break;
        }
      });
      return { schedules: found };
    },
  );
  app.get(
    one,
    {
      config: { permission: 'viewer' },
      schema: {
        tags,
        operationId: 'getSchedule',
        summary: 'A recurring show, its next five dates, and what became of it',
        params: scheduleIdParam,
        response: { 200: scheduleReportSchema },
      },
    },
    (request) => seen(deps, limits, principalOf(request), request.params.scheduleId),
  );
}

/** A schedule that the caller may see; for others there is none of that id. */
async function seen({ schedules, client }: ApiDeps, limits: Limits, principal: Principal, scheduleId: string) {
  const report = await client.within(limits.answerMs, () => schedules.describe(scheduleId));
  checkSeesSchedule(principal, report);
  return report;
}

function write(app: Api, deps: ApiDeps, limits: Limits): void {
  const { client, schedules } = deps;
  app.post(
    '/v1/schedules',
    {
      config: { permission: 'admin' },
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
      const made = await client.within(limits.answerMs, () => schedules.create(input));
      request.log.info({ scheduleId: made.scheduleId, by: principal.name }, 'schedule made');
      return reply.code(201).header('location', `/v1/schedules/${made.scheduleId}`).send(made);
    },
  );
  app.put(
    one,
    {
      config: { permission: 'admin' },
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
      await seen(deps, limits, principal, scheduleId);
      const input = ownInput(principal, request.body);
      if (input?.scheduleId !== scheduleId) {
        const message = `must be ${scheduleId}, as in the path`;
        throw invalid(422, 'invalid-request', 'the schedule is another one', [{ path: 'scheduleId', message }]);
      }
      return client.within(limits.answerMs, () => schedules.update(input));
    },
  );
  app.delete(
    one,
    {
      config: { permission: 'admin' },
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
      const principal = principalOf(request);
      await seen(deps, limits, principal, scheduleId);
      await client.within(limits.answerMs, () => schedules.delete(scheduleId));
      request.log.info({ scheduleId, by: principal.name }, 'schedule deleted');
      return reply.code(204).send();
    },
  );
}

/** The schedule with its plan in the caller's own tenant. What is no object is left for the check of schedules. */
function ownInput(principal: Principal, given: unknown): ScheduleInput {
  if (given === null || typeof given !== 'object' || !('plan' in given)) return given as ScheduleInput;
  return { ...given, plan: inTenant(principal, given.plan) } as ScheduleInput;
}

function direct(app: Api, deps: ApiDeps, limits: Limits): void {
  const { client, schedules } = deps;
  const actions = [
    ['pause', 'No show begins until it is resumed; shows in between are not made up for'],
    ['resume', 'Shows begin again'],
  ] as const;
  for (const [action, summary] of actions) {
    app.post(
      `${one}/actions/${action}`,
      {
        config: { permission: 'operator' },
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
        const principal = principalOf(request);
        await seen(deps, limits, principal, scheduleId);
        const { reason, onBehalfOf } = request.body;
        const note = `${actorOf(principal, onBehalfOf)}: ${reason}`;
        await client.within(limits.answerMs, () => schedules[action](scheduleId, note));
        request.log.info({ scheduleId, action, note }, 'operator action');
        return seen(deps, limits, principal, scheduleId);
      },
    );
  }
  app.post(
    `${one}/actions/trigger`,
    {
      config: { permission: 'operator' },
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
      const principal = principalOf(request);
      await seen(deps, limits, principal, scheduleId);
      const by = actorOf(principal, request.body.onBehalfOf);
      request.log.info({ scheduleId, action: 'trigger', by, reason: request.body.reason }, 'operator action');
      return client.within(limits.answerMs, () => schedules.trigger(scheduleId));
    },
  );
}
