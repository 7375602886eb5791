import type { SimResponse } from '../kit/types.ts';
import {
  asyncOperation,
  empty,
  found,
  hasApiVersion,
  json,
  operationHeaders,
  operationOf,
  page,
  resourceId,
  systemDataOf,
} from './answers.ts';
import { armTime, type JsonObject } from './fields.ts';
import type { Endpoint } from './records.ts';
import { displayName } from './regions.ts';
import type { Call, Route } from './routes.ts';

export const streamingEndpointRoutes: Route[] = [
  {
    // documented(https://learn.microsoft.com/rest/api/media/streaming-endpoints/list)
    operation: 'StreamingEndpoints_List',
    method: 'GET',
    path: 'streamingEndpoints',
    handle: (call) => page(call, 'streamingendpoints', call.world.account.endpoints.all(), (one) => show(call, one)),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/streaming-endpoints/get)
    operation: 'StreamingEndpoints_Get',
    method: 'GET',
    path: 'streamingEndpoints/:endpoint',
    handle: (call) => json(call, 200, show(call, endpointOf(call))),
  },
  action('Start', 'Running'),
  action('Stop', 'Stopped'),
  {
    // documented(https://learn.microsoft.com/rest/api/media/streaming-endpoints/async-operation)
    operation: 'StreamingEndpoints_AsyncOperation',
    method: 'GET',
    path: 'streamingEndpointOperations/:operation',
    handle: asyncOperation('streamingendpoint'),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/streaming-endpoints/operation-location)
    operation: 'StreamingEndpoints_OperationLocation',
    method: 'GET',
    path: 'streamingEndpoints/:endpoint/operationLocations/:operation',
    handle: atLocation,
  },
];

/** documented(https://learn.microsoft.com/rest/api/media/streaming-endpoints/get) */
const endpointOf = ({ world, params }: Call): Endpoint =>
  found(world.account.endpoints, params.endpoint, 'ResourceNotFound');

/** 202 without a body. recorded(https://github.com/Azure/azure-cli#test_ams_streaming_endpoint_start) */
function action(verb: 'Start' | 'Stop', goal: 'Running' | 'Stopped'): Route {
  return {
    operation: `StreamingEndpoints_${verb}`,
    method: 'POST',
    path: `streamingEndpoints/:endpoint/${verb.toLowerCase()}`,
    handle: (call) => empty(202, operationHeaders(call, call.world.account.moveEndpoint(endpointOf(call), goal))),
  };
}

function atLocation(call: Call): SimResponse {
  const operation = operationOf(call, 'streamingendpoint');
  if (operation.status === 'InProgress') return empty(202, operationHeaders(call, operation));
  return json(call, 200, show(call, endpointOf(call)));
}

/**
 * A real host name is `{account}-{region}.streaming.media.azure.net`; here it is one that can be dialled, over http.
 * recorded(https://github.com/Azure/azure-sdk-for-net#StreamingEndpointTests)
 */
const show = (call: Call, endpoint: Endpoint): JsonObject => ({
  name: endpoint.name,
  id: resourceId(call, `streamingendpoints/${endpoint.name}`),
  type: 'Microsoft.Media/mediaservices/streamingEndpoints',
  location: displayName(call.world.account.options.location),
  tags: {},
  properties: {
    description: '',
    scaleUnits: 0,
    availabilitySetName: null,
    cdnEnabled: false,
    cdnProvider: null,
    cdnProfile: null,
    maxCacheAge: null,
    customHostNames: [],
    accessControl: null,
    crossSiteAccessPolicies: null,
    hostName: new URL(call.world.baseUrl()).host,
    freeTrialEndTime: '0001-01-01T00:00:00Z',
    provisioningState: endpoint.busy ? 'InProgress' : 'Succeeded',
    resourceState: endpoint.state,
    created: armTime(endpoint.created),
    lastModified: armTime(endpoint.lastModified),
  },
  systemData: systemDataOf(call, undefined),
  ...(hasApiVersion(call, '2022-08-01') && { sku: { name: 'Standard', capacity: 0 } }),
});
