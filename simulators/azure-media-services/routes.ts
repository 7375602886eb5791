import type { SimRequest, SimResponse } from '../kit/types.ts';
import { actionOf } from './actions.ts';
import { ArmError, errorResponse } from './errors.ts';
import type { EventGrid } from './event-grid.ts';
import type { JsonObject } from './fields.ts';
import { withArmHeaders } from './headers.ts';
import type { Media } from './media.ts';
import type { Tokens } from './signature.ts';
import type { AccountState } from './state.ts';

/** How one simulated account differs from the plain service. */
export interface Behaviour {
  /** `ravnur`: the status has its object form and a stop leaves outputs alone. */
  flavour: 'azure' | 'ravnur';
  /** `later`: 202 and a location to ask; `absent`: 404, as in regions and services without it. */
  statusApi: 'at-once' | 'later' | 'absent';
  pageSize: number;
  /** The region of the account. */
  location: string;
  /** Actions that the role of the token lacks, as a role definition writes them. */
  denied: readonly string[];
  /** Locks on the account. */
  locks: readonly { name: string; level: 'CanNotDelete' | 'ReadOnly' }[];
  /** Whether a storage account is attached. */
  storage: boolean;
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
  /** The `api-version` asked for. */
  version: string;
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

/**
 * Segments match without case: the service hands out `resourcegroups` and takes `resourceGroups`.
 * recorded(https://github.com/Azure/azure-cli#test_live_event_create)
 */
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

/** Token, api-version and the path down to the account, in the order Azure Resource Manager checks them: assumed. */
export async function answerArm(
  world: World,
  routes: readonly Route[],
  req: SimRequest,
  failsLater: boolean,
): Promise<SimResponse> {
  const { location } = world.account.options;
  try {
    world.tokens.verify(req);
    const segments = segmentsOf(req);
    const version = versionOf(world, req, segments);
    assertAccount(world.account, segments);
    const found = findRoute(routes, req);
    if (!found) throw new ArmError('InvalidResourceType');
    const { route, params } = found;
    refuseDenied(world, route.operation);
    const answered = world.account.failing(failsLater, () =>
      route.handle({ world, req, version, params, body: () => bodyOf(req) }),
    );
    const response = await answered;
    return withArmHeaders(req, response, location);
  } catch (error) {
    if (error instanceof ArmError) return withArmHeaders(req, errorResponse(error.code, error.message), location);
    throw error;
  }
}

/** documented(https://learn.microsoft.com/azure/role-based-access-control/troubleshooting) */
function refuseDenied({ behaviour }: World, operation: string): void {
  const action = actionOf(operation);
  if (!behaviour.denied.some((one) => one.toLowerCase() === action.toLowerCase())) return;
  throw new ArmError('AuthorizationFailed', `The client does not have authorization to perform action '${action}'.`);
}

/** documented(https://learn.microsoft.com/azure/templates/microsoft.media/mediaservices/liveevents) */
const mediaVersions = [
  '2020-05-01',
  '2021-05-01',
  '2021-06-01',
  '2021-11-01',
  '2022-07-01',
  '2022-08-01',
  '2022-11-01',
  '2023-01-01',
];
/** documented(https://learn.microsoft.com/azure/templates/microsoft.eventgrid/eventsubscriptions) */
const eventGridVersions = ['2022-06-15', '2025-02-15'];
/** documented(https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource), documented(https://learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-level) */
const authorizationVersions = ['2022-04-01', '2020-05-01'];

/** Ravnur takes any version. documented(https://docs.ravnur.com/hc/en-us/articles/29079585804690) */
function versionOf({ behaviour }: World, req: SimRequest, segments: string[]): string {
  const version = req.query.get('api-version');
  if (!version) throw new ArmError('MissingApiVersionParameter');
  const below = segments.slice(accountDepth).map((segment) => segment.toLowerCase());
  const ofAuthorization = below.includes('microsoft.authorization') ? authorizationVersions : mediaVersions;
  const known = below.includes('microsoft.eventgrid') ? eventGridVersions : ofAuthorization;
  if (behaviour.flavour === 'azure' && !known.includes(version)) throw new ArmError('InvalidApiVersionParameter');
  return version;
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
  if (!same(account, options.accountName)) throw accountNotFound(account, group);
}

/** documented(https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found) */
export const accountNotFound = (account: string | undefined, group: string | undefined): ArmError =>
  new ArmError(
    'AccountNotFound',
    `The Resource 'Microsoft.Media/mediaServices/${account}' under resource group '${group}' was not found.`,
  );

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

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
