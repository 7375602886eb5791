import Fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { authorize } from './auth/authorize.ts';
import { defaultQuotas } from './auth/quotas.ts';
import { checkRoute } from './auth/route-config.ts';
import { checkTenancy } from './auth/tenancy.ts';
import { TenantQuotas } from './auth/tenant-quotas.ts';
import { takeTurns } from './auth/turns.ts';
import type { Api, ApiDeps } from './deps.ts';
import { onClientError, onUnreadablePath } from './http/client-error.ts';
import { closePromptly } from './http/closing.ts';
import { handleErrors } from './http/error-handler.ts';
import { refuseForeignHosts } from './http/foreign-hosts.ts';
import { sendSecurityHeaders } from './http/headers.ts';
import { acceptJsonBodies } from './http/json-body.ts';
import { loggerOptions } from './http/log.ts';
import { refuseUnknownRoutes } from './http/not-found.ts';
import { warnOfProxy } from './http/proxy-warning.ts';
import { OpenStreams } from './http/sse.ts';
import { limitTime } from './http/time-limit.ts';
import { defaultLimits } from './limits.ts';
import { describeRoutes, documentRoute } from './openapi/document.ts';
import { validateWithZod } from './openapi/validation.ts';
import { actionRoutes } from './routes/actions.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { meRoute } from './routes/me.ts';
import { planRoutes } from './routes/plans.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { stillRoute } from './routes/stills.ts';
import { boardsOf, streamRoutes } from './routes/streams.ts';
import { systemRoutes } from './routes/system.ts';
import { usageRoutes } from './routes/usage.ts';
import { longestWatchId, viewerAddressRoute, watchRoutes } from './routes/watch.ts';
import { WatchedEvents } from './watch/watched-events.ts';

/** The HTTP API, ready to listen. `close` ends its streams first. */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const limits = { ...defaultLimits, ...deps.limits };
  const { quotasOf = () => defaultQuotas } = deps;
  const quotas = new TenantQuotas(deps, quotasOf);
  const app = Fastify({
    logger: loggerOptions(deps.log),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    // Node takes the shorter of both for the headers: its default of a minute would let a body take as long.
    http: { headersTimeout: limits.requestMs, connectionsCheckingInterval: Math.ceil(limits.requestMs / 5) },
    trustProxy: deps.trustProxy ?? false,
    // A request id from the caller could write anything into our log.
    requestIdHeader: false,
    routerOptions: { maxParamLength: longestWatchId },
    forceCloseConnections: 'idle',
    // A closing API refuses with a problem document, as ever.
    return503OnClosing: false,
    frameworkErrors: onUnreadablePath,
    clientErrorHandler: onClientError,
  }).withTypeProvider<ZodTypeProvider>();
  sendSecurityHeaders(app);
  handleErrors(app);
  closePromptly(app, limits);
  if (deps.loopbackOnly) refuseForeignHosts(app);
  if (!deps.trustProxy) warnOfProxy(app);
  acceptJsonBodies(app);
  validateWithZod(app);
  // Each of these is a hook of every route that follows, those of the plugins included: no route can leave one out.
  app.addHook('onRoute', checkRoute);
  await authorize(app, deps.auth, limits, quotasOf);
  checkTenancy(app, deps, limits);
  limitTime(app, deps.client, limits);
  takeTurns(app);
  refuseUnknownRoutes(app);
  await describeRoutes(app);
  const streams = new OpenStreams(limits, quotasOf);
  app.addHook('preClose', async () => streams.endAll());
  app.addHook('onClose', () => deps.client.settled());
  healthRoutes(app, deps);
  documentRoute(app);
  eventRoutes(app, deps, limits, quotas);
  planRoutes(app, deps, limits);
  actionRoutes(app);
  const boards = boardsOf(deps, limits);
  streamRoutes(app, deps, limits, { streams, boards });
  systemRoutes(app, boards, limits.pollMs);
  scheduleRoutes(app, quotas);
  viewerAddressRoute(app, deps);
  // Viewers and stills get what one read of an event found.
  const watched = new WatchedEvents(deps.client);
  stillRoute(app, deps, watched);
  usageRoutes(app, deps);
  meRoute(app, deps);
  await app.register(watchRoutes(deps, watched));
  for (const plugin of [deps.vendorEvents, deps.board, deps.metrics]) if (plugin) await app.register(plugin);
  return app;
}
