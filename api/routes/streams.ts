import { z } from 'zod';
import type { ShowcallerClient } from '../../client/client.ts';
import { NoSuchEventError } from '../../client/errors.ts';
import type { EventStatus } from '../../domain/report.ts';
import { principalOf } from '../auth/authorize.ts';
import { checkSees } from '../auth/tenancy.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { problemOf } from '../http/errors.ts';
import type { EventStream, OpenStreams } from '../http/sse.ts';
import type { Limits } from '../limits.ts';
import { eventIdParam } from '../schemas/event.ts';
import { Cards, type EventCard } from '../streams/cards.ts';
import { FanOut, idOf } from '../streams/fan-out.ts';

const stream = {
  200: {
    description: 'A stream that does not end before what it tells of',
    content: { 'text/event-stream': { schema: z.string() } },
  },
};
const lastEventId = z.looseObject({
  'last-event-id': z.string().max(200).optional().describe('The last that was seen: it is not told again.'),
});
const isOver = ({ phase }: EventStatus): boolean => ['completed', 'failed', 'cancelled'].includes(phase);

export function streamRoutes(app: Api, deps: ApiDeps, limits: Limits, streams: OpenStreams): void {
  oneEvent(app, deps, limits, streams);
  allEvents(app, deps, limits, streams);
}

function oneEvent(app: Api, { client, auth }: ApiDeps, limits: Limits, streams: OpenStreams): void {
  const statuses = new FanOut<EventStatus>({
    look: (eventId) => client.within(limits.answerMs, () => client.status(eventId)),
    everyMs: limits.lookMs,
    isLast: isOver,
    isHopeless: (error) => error instanceof NoSuchEventError,
  });
  app.get(
    '/v1/events/:eventId/stream',
    {
      config: { permission: 'viewer' },
      schema: {
        tags: ['events'],
        operationId: 'streamEvent',
        summary: 'The status of an event, told at every change',
        description:
          'Server-sent events: `status` with an `EventStatus`; `problem` when it cannot be told just now; `end` after the report, then the stream ends. Asked again after that with `Last-Event-ID` it answers 204.',
        params: eventIdParam,
        headers: lastEventId,
        response: { ...stream, 204: z.undefined().describe('The report was seen; nothing more comes.') },
      },
    },
    async (request, reply) => {
      const { eventId } = request.params;
      const seen = request.headers['last-event-id'];
      const principal = principalOf(request);
      streams.checkRoom();
      const report = await client.within(limits.answerMs, () => reportIfOver(client, principal, eventId));
      if (report && idOf(report) === seen) return reply.code(204).send();
      const viewer = streams.begin(request, reply, () => auth.authorize(request, 'viewer'));
      let troubled = false;
      const stop = statuses.watch(eventId, {
        seen: ({ value, id }) => {
          if (id !== seen || troubled) viewer.send({ event: 'status', id, data: value });
          troubled = false;
          if (!isOver(value)) return;
          viewer.send({ event: 'end', data: { eventId, endReason: value.endReason } });
          viewer.end();
        },
        trouble: (error) => {
          troubled = true;
          tell(viewer, error);
          if (error instanceof NoSuchEventError) viewer.end();
        },
      });
      viewer.onClose(stop);
    },
  );
}

async function reportIfOver(
  client: ShowcallerClient,
  principal: Parameters<typeof checkSees>[1],
  eventId: string,
): Promise<EventStatus | undefined> {
  await checkSees(client, principal, eventId);
  const { workflowStatus } = await client.summary(eventId);
  return workflowStatus === 'RUNNING' ? undefined : client.status(eventId);
}

/** Keys of the board's feeds: a tenant's name could be anything, so it is marked. */
const everything = 'all';
const ofTenant = (tenant: string) => `tenant:${tenant}`;

function allEvents(app: Api, { client, auth }: ApiDeps, limits: Limits, streams: OpenStreams): void {
  const boards = new Map<string, Cards>();
  const cards = new FanOut<EventCard[]>({
    look: (key) => {
      const board = boards.get(key) ?? new Cards(client, limits.answerMs);
      boards.set(key, board);
      return board.look(key === everything ? undefined : key.slice(ofTenant('').length));
    },
    everyMs: limits.lookMs,
    isLast: () => false,
  });
  app.get(
    '/v1/stream',
    {
      config: { permission: 'viewer' },
      schema: {
        tags: ['events'],
        operationId: 'streamEvents',
        summary: 'All events as a board shows them, told at every change',
        description:
          'Server-sent events: `snapshot` with all of them, at most 200 that run and 50 that are over; then `event` with each that is new or changed, `gone` with `{ eventId }`, and `problem` when it cannot be told just now.',
        headers: lastEventId,
        response: stream,
      },
    },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      streams.checkRoom();
      const viewer = streams.begin(request, reply, () => auth.authorize(request, 'viewer'));
      let before: readonly EventCard[] | undefined;
      const stop = cards.watch(tenant === undefined ? everything : ofTenant(tenant), {
        seen: ({ value, id }) => {
          if (before) tellChanges(viewer, before, value, id);
          else viewer.send({ event: 'snapshot', id, data: { events: value } });
          before = value;
        },
        trouble: (error) => {
          before = undefined;
          tell(viewer, error);
        },
      });
      viewer.onClose(stop);
    },
  );
}

function tellChanges(viewer: EventStream, before: readonly EventCard[], now: readonly EventCard[], id: string): void {
  const old = new Map(before.map((card) => [card.eventId, JSON.stringify(card)]));
  for (const card of now) {
    if (old.get(card.eventId) !== JSON.stringify(card)) viewer.send({ event: 'event', id, data: card });
    old.delete(card.eventId);
  }
  for (const eventId of old.keys()) viewer.send({ event: 'gone', id, data: { eventId } });
}

function tell(viewer: EventStream, error: unknown): void {
  const { status, kind, title, detail } = problemOf(error).facts;
  viewer.send({ event: 'problem', data: { type: `urn:showcaller:problem:${kind}`, title, status, detail } });
}
