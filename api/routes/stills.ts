import { z } from 'zod';
import { eventOf } from '../auth/tenancy.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { conflict } from '../http/problem.ts';
import { eventIdParam } from '../schemas/event.ts';
import type { WatchedEvents } from '../watch/watched-events.ts';

const picture = {
  description: 'A small JPEG',
  content: { 'image/jpeg': { schema: z.custom<Buffer>() } },
};

/** Stills for the board, and where none can be made an answer that says so. */
export function stillRoute(app: Api, { stills }: ApiDeps, events: WatchedEvents): void {
  app.get(
    '/v1/events/:eventId/still',
    {
      config: { permission: 'viewer', tenancy: 'event' },
      schema: {
        tags: ['events'],
        operationId: 'getStill',
        summary: 'What viewers see now, as a small picture a few seconds old',
        description:
          'Needs an ffmpeg and the accounts of the vendors in this API; 409 without, and while viewers get nothing.',
        params: eventIdParam,
        response: { 200: picture },
      },
    },
    async (request, reply) => {
      const { key } = eventOf(request);
      const watched = await events.of(key);
      const still = watched && (await stills?.of(key, watched));
      if (!still) {
        const detail = stills ? `there is no picture of ${key} now` : 'this API makes no stills';
        throw conflict('no-still', detail);
      }
      return reply.type('image/jpeg').header('cache-control', 'private, max-age=10').send(still);
    },
  );
}
