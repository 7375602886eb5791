import type { SimRequest, SimResponse } from '../kit/types.ts';
import { type ArmCode, ArmError } from './errors.ts';
import { armTime, type JsonObject } from './fields.ts';
import type { Operation, SystemData } from './records.ts';
import type { Call } from './routes.ts';

/**
 * A client that names no type it accepts is answered with one parameter more.
 * recorded(https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests)
 */
const jsonType = ({ headers }: SimRequest): string =>
  `application/json; odata.metadata=minimal${headers.accept === undefined ? '; odata.streaming=true' : ''}`;

export const json = (
  { req }: Call,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): SimResponse => ({
  status,
  headers: { 'content-type': jsonType(req), 'odata-version': '4.0', ...headers },
  body: JSON.stringify(body),
});

export const empty = (status: number, headers: Record<string, string> = {}): SimResponse => ({ status, headers });

/** Whether the answer follows this api-version or a later one. */
export const hasApiVersion = ({ version }: Call, first: string): boolean => version >= first;

/** Names keep their case, `resourcegroups` is in lower case. recorded(https://github.com/Azure/azure-cli#test_live_event_create) */
export function pollUrl({ world }: Call, path: string, query: Record<string, string>): string {
  const { subscriptionId, resourceGroup, accountName } = world.account.options;
  const account = `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/Microsoft.Media/mediaservices/${accountName}`;
  return `${world.baseUrl()}${account}/${path}?${new URLSearchParams(query)}`;
}

/** The id of a resource, in the case the service shows. */
export function resourceId({ world }: Call, path: string): string {
  const { subscriptionId, resourceGroup, accountName } = world.account.options;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Media/mediaservices/${accountName}/${path}`;
}

const retrySeconds = 2;

/** From 2022-08-01 on. recorded(https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests) Scaled as the transitions are. */
const retryAfter = (call: Call): Record<string, string> =>
  hasApiVersion(call, '2022-08-01')
    ? { 'retry-after': String(Math.round(retrySeconds * call.world.account.options.slowness)) }
    : {};

type OperationKind = 'liveevent' | 'liveoutput' | 'streamingendpoint';

const operationUrl = (call: Call, { kind, id }: Operation): string =>
  pollUrl(call, `${kind}operations/${id}`, { 'api-version': call.version });

/** Both poll URLs of an accepted operation. recorded(https://github.com/Azure/azure-cli#test_live_event_stop_and_remove_outputs) */
export const operationHeaders = (call: Call, operation: Operation): Record<string, string> => ({
  'azure-asyncoperation': operationUrl(call, operation),
  location: pollUrl(call, `${operation.resource}/operationlocations/${operation.id}`, { 'api-version': call.version }),
  ...retryAfter(call),
});

/** What the path names, in a collection; its absence is answered with `code`. */
export function found<T>(all: { get(name: string): T | undefined }, name: string | undefined, code: ArmCode): T {
  const one = all.get(name ?? '');
  if (!one) throw new ArmError(code);
  return one;
}

export function operationOf({ world, params }: Call, kind: OperationKind): Operation {
  const operation = world.account.operations.get(params.operation ?? '');
  if (operation?.kind !== kind) throw new ArmError('NotFound');
  return operation;
}

/** The service publishes no code for it: assumed. */
const failed = { code: 'OperationFailed', message: 'No capacity is left in the region for this operation.' };

/**
 * An `error` is there on success too, with one id for each resource and zeros for what is deleted, and the poll URL
 * comes again. recorded(https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests)
 */
export function asyncOperation(kind: OperationKind): (call: Call) => SimResponse {
  return (call) => {
    const operation = operationOf(call, kind);
    const { id, status, target } = operation;
    const headers = { 'azure-asyncoperation': operationUrl(call, operation), ...retryAfter(call) };
    const error = status === 'Failed' ? failed : { code: 'None', message: null };
    return json(call, 200, { name: id, status, error: { ...error, target } }, headers);
  };
}

/** One page; the link to the next is absolute and carries its own api-version. */
export function page<T>(call: Call, path: string, items: T[], show: (item: T) => unknown): SimResponse {
  if (call.req.query.has('$filter') || call.req.query.has('$orderby')) {
    throw new ArmError('BadRequest', 'This simulator neither filters nor sorts.');
  }
  const from = Number(call.req.query.get('$skiptoken') ?? 0);
  const size = Math.min(call.world.behaviour.pageSize, Number(call.req.query.get('$top') ?? Number.POSITIVE_INFINITY));
  const next = from + size;
  const link = () => pollUrl(call, path, { 'api-version': call.version, $skiptoken: String(next) });
  return json(call, 200, {
    value: items.slice(from, next).map(show),
    ...(next < items.length && { '@odata.nextLink': link() }),
  });
}

const simulatedPrincipal = '00000000-5c00-4000-8000-000000000001';
const noSystemData = {
  createdBy: null,
  createdByType: null,
  createdAt: null,
  lastModifiedBy: null,
  lastModifiedByType: null,
  lastModifiedAt: null,
};

/**
 * Who made a resource and when the resource manager took the request. Version 2020-05-01 shows only the members, and
 * so do all for what came with the account. recorded(https://github.com/Azure/azure-cli#test_live_event_create)
 */
export function systemDataOf(call: Call, data: SystemData | undefined): JsonObject {
  if (!data || !hasApiVersion(call, '2021-05-01')) return noSystemData;
  const by = { by: simulatedPrincipal, type: 'Application' };
  return {
    createdBy: by.by,
    createdByType: by.type,
    createdAt: armTime(data.createdAt),
    lastModifiedBy: by.by,
    lastModifiedByType: by.type,
    lastModifiedAt: armTime(data.lastModifiedAt),
  };
}
