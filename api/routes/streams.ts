import { z } from 'zod';
import { type Board, Cards, type EventCard } from '../../client/cards.ts';
import { NoSuchEventError } from '../../client/errors.ts';
import { isOver } from '../../domain/phases.ts';
import type { EventStatus } from '../../domain/report.ts';
import { goesOn } from '../../domain/run-status.ts';
import { reauthorize } from '../auth/authorize.ts';
import { ByTenant } from '../auth/by-tenant.ts';
import { eventOf, scopeOf } from '../auth/tenancy.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { problemOf } from '../http/errors.ts';
import type { EventStream, OpenStreams } from '../http/sse.ts';
import type { ApiLimits } from '../limits.ts';
import { eventIdParam } from '../schemas/event.ts';
import { boardMessages } from '../streams/board-messages.ts';
import { FanOut, idOf } from '../streams/fan-out.ts';

const streamResponse = {
  200: {
    description: 'A stream of server-sent events',
    content: { 'text/event-stream': { schema: z.string() } },
  },
};
const lastEventId = z.looseObject({
  'last-event-id': z
    .string()
    .max(200)
    .optional()
    .describe('The last id that the client has: that message is not sent again.'),
});

export function streamRoutes(
  app: Api,
  deps: ApiDeps,
  limits: ApiLimits,
  { streams, boards }: { streams: OpenStreams; boards: Boards },
): void {
  oneEvent(app, deps, limits, streams);
  allEvents(app, deps, limits, streams, boards);
}

function oneEvent(app: Api, { client, auth }: ApiDeps, limits: ApiLimits, streams: OpenStreams): void {
  const statuses = new FanOut<EventStatus>({
    poll: (key) => client.within(limits.answerMs, () => client.status(key)),
    everyMs: limits.pollMs,
    isLast: ({ phase }) => isOver(phase),
    isPermanent: (error) => error instanceof NoSuchEventError,
  });
  app.get(
    '/v1/events/:eventId/stream',
    {
      config: { permission: 'viewer', tenancy: 'event' },
      schema: {
        tags: ['events'],
        operationId: 'streamEvent',
        summary: 'The status of an event at every change',
        description:
          'Server-sent events: `status` with an `EventStatus`; `problem` when the status cannot be read; `end` after the report, then the stream ends. A client that reconnects after that with `Last-Event-ID` gets 204.',
        params: eventIdParam,
        headers: lastEventId,
        response: { ...streamResponse, 204: z.undefined().describe('The client has the report; nothing follows.') },
      },
    },
    async (request, reply) => {
      const { eventId, key, workflowStatus } = eventOf(request);
      const lastId = request.headers['last-event-id'];
      const report = goesOn(workflowStatus) ? undefined : await client.status(key);
      if (report && idOf(report) === lastId) return reply.code(204).send();
      const viewer = streams.begin(request, reply, () => reauthorize(auth, request));
      let hasFailed = false;
      const stop = statuses.watch(key, {
        changed: ({ value, id }) => {
          if (id !== lastId || hasFailed) viewer.send({ event: 'status', id, data: value });
          hasFailed = false;
          if (!isOver(value.phase)) return;
          viewer.send({ event: 'end', data: { eventId, endReason: value.endReason } });
          viewer.end();
        },
        failed: (error) => {
          hasFailed = true;
          sendFailure(viewer, error);
          if (error instanceof NoSuchEventError) viewer.end();
        },
      });
      viewer.onClose(stop);
    },
  );
}

/** Beyond so many boards the oldest is dropped from memory; its next viewer makes the API read it again. */
const mostBoards = 500;

/** Keys of the feeds. The prefix keeps a tenant named `all` apart from everything. */
const everything = 'all';
const ofTenant = (tenant: string) => `tenant:${tenant}`;

export type Boards = ByTenant<Cards>;

/** The key of a caller's board. */
export const keyOfTenant = (tenant: string | undefined) => (tenant === undefined ? everything : ofTenant(tenant));

/** The events of each tenant as they were last seen: once for all that show them. */
export function boardsOf({ client }: Pick<ApiDeps, 'client'>, limits: ApiLimits): Boards {
  const boardOf = (key: string) => {
    const tenant = key === everything ? undefined : key.slice(ofTenant('').length);
    return new Cards(client.forTenant(tenant), limits.answerMs);
  };
  return new ByTenant(boardOf, mostBoards);
}

function allEvents(app: Api, { auth }: ApiDeps, limits: ApiLimits, streams: OpenStreams, boards: Boards): void {
  const cards = new FanOut<Board>({
    poll: (key) => boards.of(key).poll(),
    everyMs: limits.pollMs,
    isLast: () => false,
  });
  const messages = boardMessages();
  app.get(
    '/v1/stream',
    {
      config: { permission: 'viewer', tenancy: 'own' },
      schema: {
        tags: ['events'],
        operationId: 'streamEvents',
        summary: 'All events as a board shows them, at every change',
        description:
          'Server-sent events: `snapshot` with all of them, at most 200 running and 50 ended; then `event` with each that is new or changed, `gone` with `{ eventId, tenant }`, `system` with the workers and pollers at every look, and `problem` when the events cannot be read.',
        headers: lastEventId,
        response: streamResponse,
      },
    },
    async (request, reply) => {
      const { tenant } = scopeOf(request);
      const viewer = streams.begin(request, reply, () => reauthorize(auth, request));
      let before: readonly EventCard[] | undefined;
      const stop = cards.watch(keyOfTenant(tenant), {
        changed: (snapshot) => {
          viewer.sendFrames(messages(before, snapshot));
          before = snapshot.value.cards;
        },
        failed: (error) => {
          before = undefined;
          sendFailure(viewer, error);
        },
      });
      viewer.onClose(stop);
    },
  );
}

function sendFailure(viewer: EventStream, error: unknown): void {
  const { status, kind, title, detail } = problemOf(error).facts;
  viewer.send({ event: 'problem', data: { type: `urn:showcaller:problem:${kind}`, title, status, detail } });
}
