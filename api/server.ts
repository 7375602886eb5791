import Fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { guard } from './auth/authorize.ts';
import type { Api, ApiDeps } from './deps.ts';
import { noRequest, unreadableAddress } from './http/client-error.ts';
import { answers } from './http/error-handler.ts';
import { bodies } from './http/json-body.ts';
import { logger } from './http/log.ts';
import { notThere } from './http/not-found.ts';
import { OpenStreams } from './http/sse.ts';
import { defaultLimits } from './limits.ts';
import { documented, documentRoute } from './openapi/document.ts';
import { validation } from './openapi/validation.ts';
import { actionRoutes } from './routes/actions.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { meRoute } from './routes/me.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { streamRoutes } from './routes/streams.ts';

/** The HTTP API, ready to listen. `close` ends its streams first. */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const limits = { ...defaultLimits, ...deps.limits };
  const app = Fastify({
    logger: logger(deps.log),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    // Of two limits Node takes the shorter for the headers: left at its minute, a body would have that minute.
    http: { headersTimeout: limits.requestMs, connectionsCheckingInterval: Math.ceil(limits.requestMs / 5) },
    trustProxy: deps.trustProxy ?? false,
    // A caller's own id could say anything in our log.
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    frameworkErrors: unreadableAddress,
    clientErrorHandler: noRequest,
  }).withTypeProvider<ZodTypeProvider>();
  bodies(app);
  answers(app);
  validation(app);
  await guard(app, deps.auth, limits);
  notThere(app);
  await documented(app);
  const streams = new OpenStreams(limits);
  app.addHook('preClose', async () => streams.endAll());
  app.addHook('onClose', () => deps.client.settled());
  healthRoutes(app, deps);
  documentRoute(app);
  eventRoutes(app, deps, limits);
  actionRoutes(app, deps, limits);
  streamRoutes(app, deps, limits, streams);
  scheduleRoutes(app, deps, limits);
  meRoute(app, deps);
  for (const door of [deps.hooks, deps.board, deps.metrics]) if (door) await app.register(door);
  return app;
}
