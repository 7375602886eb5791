import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { ShowcallerClient } from '../../client/client.ts';
import type { Accepted, By, ToLeg } from '../../domain/actions.ts';
import { runKeyOf } from '../../domain/ids.ts';
import { principalOf } from '../auth/authorize.ts';
import type { Permission, Principal } from '../auth/permissions.ts';
import { scopeOf } from '../auth/tenancy.ts';
import type { Api } from '../deps.ts';
import { acceptedSchema, extendBody, reasonBody, rescheduleBody, stopBody, switchBody } from '../schemas/action.ts';
import { eventIdParam } from '../schemas/event.ts';

type ActionBody = typeof reasonBody | typeof switchBody;

interface Action<Body extends z.ZodType> {
  name: string;
  summary: string;
  permission: Permission;
  body: Body;
  act(client: ShowcallerClient, eventId: string, by: By & ToLeg, body: z.infer<Body>): Promise<Accepted>;
  /** Set on an alias: the name of the action today. */
  successor?: string;
}

/** The actions of operators, one route each; the reason is kept in the report. */
export function actionRoutes(app: Api): void {
  const offer = <Body extends ActionBody>(action: Action<Body>) => actionRoute(app, action);
  const permission = 'operator';
  offer({
    name: 'stop',
    summary: 'End the show now, publish its recording, clean up',
    permission,
    body: stopBody,
    act: (client, id, by, { keepRecording }) => client.stopNow(id, { ...by, keepRecording }),
  });
  offer({
    name: 'extend',
    summary: 'Move the end of the show, up to its maximum duration',
    permission,
    body: extendBody,
    act: (client, id, by, { endsAt }) => client.extend(id, { ...by, endsAt }),
  });
  offer({
    name: 'reschedule',
    summary: 'Move an event that has not been allocated yet',
    permission,
    body: rescheduleBody,
    act: (client, id, by, { startsAt, endsAt }) => client.reschedule(id, { ...by, startsAt, endsAt }),
  });
  offer({
    name: 'skip-wait',
    summary: 'Go live without having seen the encoder',
    permission,
    body: reasonBody,
    act: (client, id, by) => client.skipWait(id, by),
  });
  offer({
    name: 'reset',
    summary: "Drop the encoder's connection so that it reconnects",
    permission,
    body: reasonBody,
    act: (client, id, by) => client.resetEncoder(id, by),
  });
  offer({
    name: 'retry-vod',
    summary: 'Publish and prove the recording again, also of an event that is over',
    permission,
    body: reasonBody,
    act: (client, id, by) => client.retryVod(id, by),
  });
  offer({
    name: 'switch',
    summary: 'Send viewers to another leg; one that is held back begins',
    permission,
    body: switchBody,
    act: (client, id, by, { leg }) => client.switchLeg(id, { ...by, leg }),
  });
  const abandonCleanup: Action<typeof reasonBody> = {
    name: 'abandon-cleanup',
    summary:
      'End a run whose clean-up cannot succeed; what it leaves at the vendor is billed until it is deleted by hand',
    permission: 'admin',
    body: reasonBody,
    act: (client, id, by) => client.abandonCleanup(id, by),
  };
  offer(abandonCleanup);
  offer({
    ...abandonCleanup,
    name: 'release',
    summary: 'The former name of abandon-cleanup',
    successor: 'abandon-cleanup',
  });
  offer({
    name: 'cancel',
    summary: 'Abort the event: stop and clean up, publish nothing',
    permission,
    body: reasonBody,
    act: (client, id, { leg, ...by }) => client.cancel(runKeyOf(id, leg), by),
  });
}

function actionRoute<Body extends ActionBody>(
  app: Api,
  { name, summary, permission, body, act, successor }: Action<Body>,
): void {
  app.post(
    `/v1/events/:eventId/actions/${name}`,
    {
      config: { permission, tenancy: 'event' },
      schema: {
        tags: ['events'],
        operationId: name.replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase()),
        summary,
        ...(successor && { deprecated: true }),
        params: eventIdParam,
        body,
        response: { 200: acceptedSchema },
      },
    },
    async (request, reply) => {
      const { eventId } = request.params as z.infer<typeof eventIdParam>;
      const given = request.body as z.infer<Body>;
      const { leg, reason } = given;
      const by = { by: actorOf(principalOf(request), given.onBehalfOf), reason, ...(leg !== undefined && { leg }) };
      if (successor) warnOf(reply, request.url, successor);
      const accepted = await act(scopeOf(request).client, eventId, by, given);
      request.log.info({ eventId, action: name, ...by }, 'operator action');
      return reply.send(accepted);
    },
  );
}

/** The header of RFC 8288 that names the route of today, and a warning that clients log. */
function warnOf(reply: FastifyReply, url: string, successor: string): void {
  const path = url.replace(/[^/]*$/, successor);
  reply.header('link', `<${path}>; rel="successor-version"`).header('warning', `299 - "use ${path} instead"`);
}

/** The operator's name for the report: the token's name, which its holder cannot choose. */
export const actorOf = ({ name }: Principal, onBehalfOf?: string): string =>
  onBehalfOf === undefined ? name : `${name} on behalf of ${onBehalfOf}`;
