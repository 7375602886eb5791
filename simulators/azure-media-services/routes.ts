import type { SimRequest, SimResponse } from '../kit/types.ts';
import { ArmError, errorResponse, jsonType } from './errors.ts';
import type { EventGrid } from './event-grid.ts';
import type { Media } from './media.ts';
import type { Tokens } from './signature.ts';
import type { AccountState, JsonObject, Operation } from './state.ts';

/** How one simulated account differs from the plain service. */
export interface Behaviour {
  /** `ravnur`: the status has its object form and a stop leaves outputs alone. */
  flavour: 'azure' | 'ravnur';
  /** `later`: 202 and a location to ask; `absent`: 404, as in regions and services without it. */
  statusApi: 'at-once' | 'later' | 'absent';
  pageSize: number;
}

export interface World {
  account: AccountState;
  media: Media;
  grid: EventGrid;
  tokens: Tokens;
  behaviour: Behaviour;
  /** `http://host:port` of this simulator. */
  baseUrl(): string;
}

/** One request that found its route. */
export interface Call {
  world: World;
  req: SimRequest;
  /** What stood at the `:name` places, decoded, case kept. */
  params: Record<string, string>;
  /** The body as a JSON object; an empty one when there is none. Throws the vendor's 400. */
  body(): JsonObject;
}

export interface Route {
  /** The service's own name of the operation. */
  operation: string;
  method: string;
  /** Below the account; `:name` takes one segment. Compared without case. */
  path: string;
  handle(call: Call): SimResponse | Promise<SimResponse>;
}

const accountDepth = 8;

/** Segments of the path, decoded; empty when it is not below a subscription. */
function segmentsOf(req: SimRequest): string[] {
  const segments = req.path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  return segments[0]?.toLowerCase() === 'subscriptions' ? segments : [];
}

export const isArmPath = (req: SimRequest): boolean => segmentsOf(req).length > 0;

/** Path segments match without case: recorded(Azure/azure-cli), the service itself hands out lower-cased URLs. */
export function findRoute(
  routes: readonly Route[],
  req: SimRequest,
): { route: Route; params: Record<string, string> } | undefined {
  const rest = segmentsOf(req).slice(accountDepth);
  for (const route of routes) {
    const params = route.method === req.method ? match(route.path, rest) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

function match(path: string, segments: string[]): Record<string, string> | undefined {
  const pattern = path.split('/').filter((part) => part !== '');
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return params;
}

/** Token, api-version and the path down to the account, in the order Azure Resource Manager checks them (assumed). */
export async function answerArm(world: World, routes: readonly Route[], req: SimRequest): Promise<SimResponse> {
  try {
    world.tokens.verify(req);
    assertApiVersion(world, req);
    assertAccount(world.account, segmentsOf(req));
    const found = findRoute(routes, req);
    if (!found) throw new ArmError('InvalidResourceType');
    const response = await found.route.handle({ world, req, params: found.params, body: () => bodyOf(req) });
    return { ...response, headers: { ...response.headers } };
  } catch (error) {
    if (error instanceof ArmError) return errorResponse(error.code, error.message);
    throw error;
  }
}

/** documented(https://learn.microsoft.com/rest/api/media/): versions by resource; Ravnur takes any. */
const knownVersions = [
  // Of Event Grid: documented(https://learn.microsoft.com/rest/api/eventgrid/).
  '2022-06-15',
  '2025-02-15',
  '2020-05-01',
  '2021-05-01',
  '2021-06-01',
  '2021-11-01',
  '2022-07-01',
  '2022-08-01',
  '2022-11-01',
  '2023-01-01',
];

function assertApiVersion({ behaviour }: World, req: SimRequest): void {
  const version = req.query.get('api-version');
  if (!version) throw new ArmError('MissingApiVersionParameter');
  if (behaviour.flavour === 'azure' && !knownVersions.includes(version))
    throw new ArmError('InvalidApiVersionParameter');
}

function assertAccount({ options }: AccountState, segments: string[]): void {
  const [, subscription, , group, , provider, , account] = segments;
  const same = (a: string | undefined, b: string) => a?.toLowerCase() === b.toLowerCase();
  if (!same(subscription, options.subscriptionId)) {
    throw new ArmError('SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
  }
  if (!same(group, options.resourceGroup)) {
    throw new ArmError('ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
  }
  if (!same(provider, 'Microsoft.Media')) throw new ArmError('InvalidResourceType');
  if (!same(account, options.accountName)) {
    const name = `Microsoft.Media/mediaServices/${account}`;
    throw new ArmError('ResourceNotFound', `The Resource '${name}' under resource group '${group}' was not found.`);
  }
}

function bodyOf(req: SimRequest): JsonObject {
  if (req.body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(req.body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Falls through to the same refusal.
  }
  throw new ArmError('InvalidRequestContent');
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): SimResponse => ({
  status,
  headers: { 'content-type': jsonType, ...headers },
  body: JSON.stringify(body),
});

export const empty = (status: number, headers: Record<string, string> = {}): SimResponse => ({ status, headers });

/** Absolute URL below the account, all in lower case: recorded(Azure/azure-cli). */
export function accountUrl({ world }: Call, path: string, query: Record<string, string>): string {
  const { subscriptionId, resourceGroup, accountName } = world.account.options;
  const base = `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/microsoft.media/mediaservices/${accountName}`;
  return `${world.baseUrl()}${base.toLowerCase()}/${path}?${new URLSearchParams(query)}`;
}

/** The id of a resource, in the case the service shows. */
export function resourceId({ world }: Call, path: string): string {
  const { subscriptionId, resourceGroup, accountName } = world.account.options;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Media/mediaservices/${accountName}/${path}`;
}

/** Both poll URLs of an accepted operation; no Retry-After: recorded(Azure/azure-cli). */
export function operationHeaders(call: Call, kind: string, operation: Operation): Record<string, string> {
  const version = { 'api-version': call.req.query.get('api-version') ?? '' };
  return {
    'azure-asyncoperation': accountUrl(call, `${kind}operations/${operation.id}`, version),
    location: accountUrl(call, `${operation.resource}/operationlocations/${operation.id}`, version),
    'x-ms-ratelimit-remaining-subscription-writes': '1199',
  };
}

export function operationOf({ world, params }: Call): Operation {
  const operation = world.account.operations.get(params.operation ?? '');
  if (!operation) throw new ArmError('NotFound');
  return operation;
}

/** An `error` is there on success too: recorded(Azure/azure-cli). */
export function asyncOperation(call: Call): SimResponse {
  const { id, status } = operationOf(call);
  return json(200, { name: id, status, error: { code: 'None', message: null, target: id } });
}

/** One page; the link to the next is absolute and carries its own api-version. */
export function page<T>(call: Call, path: string, items: T[], show: (item: T) => unknown): SimResponse {
  if (call.req.query.has('$filter') || call.req.query.has('$orderby')) {
    throw new ArmError('BadRequest', 'This simulator neither filters nor sorts.');
  }
  const from = Number(call.req.query.get('$skiptoken') ?? 0);
  const size = Math.min(call.world.behaviour.pageSize, Number(call.req.query.get('$top') ?? Number.POSITIVE_INFINITY));
  const next = from + size;
  const version = call.req.query.get('api-version') ?? '';
  return json(200, {
    value: items.slice(from, next).map(show),
    ...(next < items.length && {
      '@odata.nextLink': accountUrl(call, path, { 'api-version': version, $skiptoken: String(next) }),
    }),
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
