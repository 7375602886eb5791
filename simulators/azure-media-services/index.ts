import { randomUUID } from 'node:crypto';
import { serveVendor } from '../kit/http.ts';
import { ObjectStore } from '../kit/object-store.ts';
import type {
  RunningSimulator,
  SimRequest,
  SimResponse,
  SimulatorKit,
  SimulatorModule,
  SimulatorOptions,
} from '../kit/types.ts';
import { errorResponse, faultResponse } from './errors.ts';
import { EventGrid } from './event-grid.ts';
import { eventGridRoutes } from './event-grid-routes.ts';
import { withArmHeaders } from './headers.ts';
import { Media } from './media.ts';
import { answerArm, type Behaviour, findRoute, isArmPath, type Route, type World } from './routes.ts';
import { accountRoutes } from './routes-account.ts';
import { assetRoutes } from './routes-assets.ts';
import { authorizationRoutes } from './routes-authorization.ts';
import { liveEventRoutes } from './routes-live-events.ts';
import { liveOutputRoutes } from './routes-live-outputs.ts';
import { locatorRoutes } from './routes-locators.ts';
import { answerPlayback, playbackOperation } from './routes-playback.ts';
import { statusRoutes } from './routes-status.ts';
import { streamingEndpointRoutes } from './routes-streaming-endpoints.ts';
import { Tokens } from './signature.ts';
import { type AccountOptions, AccountState } from './state.ts';

const vendor = 'azure-media-services';
const routes: readonly Route[] = [
  ...accountRoutes,
  ...authorizationRoutes,
  ...liveEventRoutes,
  ...liveOutputRoutes,
  ...assetRoutes,
  ...locatorRoutes,
  ...streamingEndpointRoutes,
  ...statusRoutes,
  ...eventGridRoutes,
];
const usual: Behaviour = {
  flavour: 'azure',
  statusApi: 'at-once',
  pageSize: 100,
  location: 'westeurope',
  denied: [],
  locks: [],
  storage: true,
};

export const azureMediaServicesSimulator: SimulatorModule = {
  vendor,
  start: (kit, options) => startAzureMediaServices(kit, options),
};

/** Starts the simulator; tests and rehearsals may ask for another flavour of the service. */
export async function startAzureMediaServices(
  kit: SimulatorKit,
  options: SimulatorOptions,
  behaviour: Partial<Behaviour> = {},
): Promise<RunningSimulator> {
  const host = options.host ?? '127.0.0.1';
  const behaves: Behaviour = { ...usual, ...(options.denied && { denied: options.denied }), ...behaviour };
  const account = new AccountState({
    subscriptionId: randomUUID(),
    resourceGroup: 'simulated',
    accountName: 'showcaller',
    mediaServiceId: randomUUID(),
    location: behaves.location,
    slowness: options.slowness ?? 1,
  });
  const store = new ObjectStore(options.storeDir === undefined ? {} : { dir: options.storeDir });
  const note = (operation: string, text: string) =>
    kit.log.add({ at: Date.now(), vendor, operation, method: 'RTMP', url: '', status: 0, note: text });
  const grid = new EventGrid({
    topic: topicOf(account.options),
    slowness: account.options.slowness,
    log: (operation, status, text) =>
      kit.log.add({ at: Date.now(), vendor, operation, method: 'POST', url: '', status, note: text }),
  });
  let url = '';
  const media = new Media(account, store, note, grid, () => url, behaves.flavour);
  const tokens = new Tokens(account.options.subscriptionId);
  const world: World = { account, media, grid, tokens, behaviour: behaves, baseUrl: () => url };
  const rtmp = await media.listen(options.rtmpPort, host);
  const server = await serveVendor({
    vendor,
    kit,
    host,
    ...(options.port !== undefined && { port: options.port }),
    identify,
    handle: (req, operation, failsLater) => answer(world, req, operation, failsLater),
    fail: (kind, req) => withArmHeaders(req, faultResponse(kind), account.options.location),
  });
  url = server.url;
  return {
    vendor,
    env: environment(world),
    client: { ...clientSettings(world), ingest: rtmp },
    resources: () => account.resources(vendor),
    billed: () => account.meter.spans(),
    made: () => account.made(),
    async close() {
      account.close();
      grid.close();
      await server.close();
      await media.close();
      await store.close();
    },
  };
}

/** documented(https://learn.microsoft.com/azure/media-services/latest/monitoring/media-services-event-schemas) */
const topicOf = ({ subscriptionId, resourceGroup, accountName }: AccountOptions): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Media/mediaservices/${accountName}`;

const tokenPath = '/auth/token';

function identify(req: SimRequest): string {
  if (req.path === tokenPath) return 'Auth_Token';
  if (!isArmPath(req)) return playbackOperation(req);
  return findRoute(routes, req)?.route.operation ?? 'unknown';
}

function answer(
  world: World,
  req: SimRequest,
  operation: string,
  failsLater: boolean,
): SimResponse | Promise<SimResponse> {
  if (operation === 'Auth_Token') return issueToken(world, req);
  return isArmPath(req) ? answerArm(world, routes, req, failsLater) : answerPlayback(world, req);
}

/** documented(https://docs.ravnur.com/hc/en-us/articles/20199019452690) The 401 of a wrong key: assumed. */
function issueToken({ tokens }: World, req: SimRequest): SimResponse {
  const { subscriptionId, apiKey } = parse(req.body);
  const token = req.method === 'POST' ? tokens.issue(subscriptionId, apiKey) : undefined;
  if (!token) return errorResponse('InvalidAuthenticationToken', 'The subscription id or the API key is wrong.');
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: token };
}

function parse(body: Buffer): { subscriptionId?: unknown; apiKey?: unknown } {
  try {
    return Object(JSON.parse(body.toString('utf8')));
  } catch {
    return {};
  }
}

const clientSettings = ({ account, tokens, baseUrl }: World): Record<string, string> => ({
  endpoint: baseUrl(),
  subscriptionId: account.options.subscriptionId,
  resourceGroup: account.options.resourceGroup,
  accountName: account.options.accountName,
  location: account.options.location,
  token: tokens.staticToken,
  apiKey: tokens.apiKey,
  playbackBaseUrl: baseUrl(),
});

function environment({ account, tokens, baseUrl }: World): Record<string, string> {
  const settings = {
    SUBSCRIPTION_ID: account.options.subscriptionId,
    RESOURCE_GROUP: account.options.resourceGroup,
    ACCOUNT_NAME: account.options.accountName,
    LOCATION: account.options.location,
    ENDPOINT: baseUrl(),
    AUTH_MODE: 'token',
    TOKEN: tokens.staticToken,
    PLAYBACK_BASE_URL: baseUrl(),
  };
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`AZURE_MEDIA_SERVICES_${key}`, value]));
}
