import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { z } from 'zod';
import { eventIdPattern } from '../../domain/ids.ts';
import { durationPattern, parseDuration } from '../../domain/time.ts';
import { eventOf } from '../auth/tenancy.ts';
import type { Api, ApiDeps } from '../deps.ts';
import { playlistType } from '../http/playlist-reply.ts';
import { conflict } from '../http/problem.ts';
import { eventIdParam } from '../schemas/event.ts';
import { ViewerAccess } from '../watch/access.ts';
import { Addresses, type ViewerRequest } from '../watch/address.ts';
import { noWatch } from '../watch/config.ts';
import type { WatchedEvents } from '../watch/watched-events.ts';

/** An event's id, or what stands for the key of a tenant's event: a tilde and at most its 100 characters encrypted. */
const watchIdPattern = new RegExp(`^(${eventIdPattern.source.slice(1, -1)}|~[A-Za-z0-9_-]{22,160})$`);
export const longestWatchId = 161;

const params = z.strictObject({
  watchId: z.string().regex(watchIdPattern, 'names no event').describe('Names the event in the addresses of viewers.'),
});
const renditionParams = params.extend({
  name: z
    .string()
    .regex(/^[a-z]\d{1,3}\.m3u8$/, 'is no playlist of a recording')
    .describe('As the recording names it.'),
});
const querystring = z.strictObject({
  token: z.string().max(200).optional().describe('The viewer token, where this API asks for one.'),
});
const config = { permission: 'public', tenancy: 'none' } as const;
const redirect = z.undefined().describe("To the vendor's playlist, or to the recording.");
const content = { [playlistType]: { schema: z.string() } };
const playlist = {
  200: { description: 'A playlist', content },
  206: { description: 'The part of it that was asked for', content },
  304: z.undefined().describe('It is what the viewer has.'),
  416: z.undefined().describe('The playlist ends before the part that was asked for.'),
};
const shared = { tags: ['viewers'], querystring, params };
const [index, recording, rendition] = ['index.m3u8', 'recording.m3u8', 'recording/:name'].map(
  (rest) => `/watch/:watchId/${rest}`,
) as [string, string, string];

/** For viewers, who have no token of the API. */
export function watchRoutes({ watch = noWatch, forViewers }: ApiDeps, events: WatchedEvents): FastifyPluginAsync {
  const access = new ViewerAccess(watch.secrets);
  const addresses = new Addresses({ mode: watch.mode, access, events, vendors: forViewers, now: Date.now });
  return async (app) => {
    // Also on answers of the rate limit: a page that plays must be able to read them.
    app.addHook('onSend', async (_request, reply) => void reply.headers(forEveryPage));
    app.get(
      index,
      {
        config,
        schema: {
          ...shared,
          operationId: 'watchEvent',
          summary: 'The show, for viewers: before it 404 with Retry-After, then the live playlist, then the recording',
          response: { ...playlist, 302: redirect },
        },
      },
      async (request, reply) => addresses.index(request as ViewerRequest, reply),
    );
    app.get(
      recording,
      {
        config,
        schema: {
          ...shared,
          operationId: 'watchRecording',
          summary: 'The recording, for viewers: where there are several, as one playlist',
          response: { ...playlist, 302: redirect },
        },
      },
      async (request, reply) => addresses.recording(request as ViewerRequest, reply),
    );
    app.get(
      rendition,
      {
        config,
        schema: {
          ...shared,
          params: renditionParams,
          operationId: 'watchRendition',
          summary: 'A playlist that the recording names',
          response: playlist,
        },
      },
      async (request, reply) => addresses.rendition(request as ViewerRequest, reply),
    );
    for (const url of [index, recording, rendition])
      app.options(url, { config, schema: { hide: true } }, async (_request, reply) => preflight(reply));
  };
}

const forEveryPage = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'accept-ranges, content-range, etag, retry-after',
  'cross-origin-resource-policy': 'cross-origin',
};

/** What a browser asks before it sends a header that is not simple. */
const preflight = (reply: FastifyReply): FastifyReply =>
  reply
    .headers({
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'range, if-range, if-none-match',
      'access-control-max-age': '86400',
      'cache-control': 'public, max-age=86400',
    })
    .code(204)
    .send();

const mostValidMs = 30 * 86_400_000;
const addressQuery = z.strictObject({
  tenant: z.string().optional().describe('The tenant of the event, for a caller of all tenants.'),
  validFor: z
    .string()
    .default('1d')
    .refine((text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms > 0 && ms <= mostValidMs;
    }, 'must be a duration of at most 30 days, such as 1d')
    .meta({
      description: 'How long the viewer token counts, at most 30 days.',
      pattern: durationPattern,
      examples: ['1d', '90m'],
    }),
});
const addressSchema = z.object({
  path: z.string().describe('The address for viewers at this API, with the viewer token where one is needed.'),
  expiresAt: z.number().optional().describe('When the viewer token ends, epoch milliseconds.'),
});

/** Gives out the address of an event for viewers: its holder needs no token of the API. */
export function viewerAddressRoute(app: Api, { watch: { mode, secrets } = noWatch }: ApiDeps): void {
  const access = new ViewerAccess(secrets);
  app.get(
    '/v1/events/:eventId/viewer-address',
    {
      config: { permission: 'operator', tenancy: 'event' },
      schema: {
        tags: ['events'],
        operationId: 'getViewerAddress',
        summary: 'Where viewers watch before, during and after the show',
        params: eventIdParam,
        querystring: addressQuery,
        response: { 200: addressSchema },
      },
    },
    async (request) => {
      if (mode === 'off')
        throw conflict('no-address', 'this API serves no addresses for viewers: SHOWCALLER_WATCH is off');
      const id = access.idOf(eventOf(request));
      if (id === undefined)
        throw conflict('no-address', 'SHOWCALLER_WATCH_SECRET is not set; watch addresses of tenants’ events need it');
      const path = `/watch/${id}/index.m3u8`;
      if (mode === 'public') return { path };
      const expiresAt = Date.now() + (parseDuration(request.query.validFor) ?? 0);
      return { path: `${path}?token=${access.tokenFor(id, expiresAt)}`, expiresAt };
    },
  );
}
