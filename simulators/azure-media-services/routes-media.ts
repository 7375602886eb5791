import { randomUUID } from 'node:crypto';
import type { SimResponse } from '../kit/types.ts';
import { ArmError } from './errors.ts';
import {
  asyncOperation,
  type Call,
  empty,
  json,
  operationHeaders,
  operationOf,
  page,
  type Route,
  resourceId,
} from './routes.ts';
import type { Asset, Endpoint, JsonObject, Locator } from './state.ts';
import { objectOf } from './values.ts';

/** documented(https://learn.microsoft.com/rest/api/media/assets/create-or-update) */
const forbiddenInName = /[<>%&:\\?/*+.'\p{Cc}]/u;
const maxName = 260;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const mediaRoutes: Route[] = [
  { operation: 'Mediaservices_Get', method: 'GET', path: '', handle: showAccount },
  {
    operation: 'Assets_List',
    method: 'GET',
    path: 'assets',
    handle: (call) => page(call, 'assets', call.world.account.assets.all(), (asset) => showAsset(call, asset)),
  },
  {
    operation: 'Assets_Get',
    method: 'GET',
    path: 'assets/:asset',
    handle: (call) => json(200, showAsset(call, assetOf(call))),
  },
  { operation: 'Assets_CreateOrUpdate', method: 'PUT', path: 'assets/:asset', handle: putAsset },
  { operation: 'Assets_Update', method: 'PATCH', path: 'assets/:asset', handle: patchAsset },
  { operation: 'Assets_Delete', method: 'DELETE', path: 'assets/:asset', handle: deleteAsset },
  {
    operation: 'Assets_ListStreamingLocators',
    method: 'POST',
    path: 'assets/:asset/listStreamingLocators',
    handle: locatorsOfAsset,
  },
  {
    operation: 'StreamingLocators_List',
    method: 'GET',
    path: 'streamingLocators',
    handle: (call) =>
      page(call, 'streaminglocators', call.world.account.locators.all(), (one) => showLocator(call, one)),
  },
  {
    operation: 'StreamingLocators_Get',
    method: 'GET',
    path: 'streamingLocators/:locator',
    handle: (call) => json(200, showLocator(call, locatorOf(call))),
  },
  { operation: 'StreamingLocators_Create', method: 'PUT', path: 'streamingLocators/:locator', handle: putLocator },
  {
    operation: 'StreamingLocators_Delete',
    method: 'DELETE',
    path: 'streamingLocators/:locator',
    // 200: recorded(Azure/azure-cli, test_ams_streaming_locator); 204 when there was none: documented.
    handle: ({ world, params }) => empty(world.account.locators.delete(params.locator ?? '') ? 200 : 204),
  },
  {
    operation: 'StreamingLocators_ListPaths',
    method: 'POST',
    path: 'streamingLocators/:locator/listPaths',
    handle: listPaths,
  },
  {
    operation: 'StreamingEndpoints_List',
    method: 'GET',
    path: 'streamingEndpoints',
    handle: (call) =>
      page(call, 'streamingendpoints', call.world.account.endpoints.all(), (one) => showEndpoint(call, one)),
  },
  {
    operation: 'StreamingEndpoints_Get',
    method: 'GET',
    path: 'streamingEndpoints/:endpoint',
    handle: (call) => json(200, showEndpoint(call, endpointOf(call))),
  },
  endpointAction('Start', 'Running'),
  endpointAction('Stop', 'Stopped'),
  {
    operation: 'StreamingEndpoints_AsyncOperation',
    method: 'GET',
    path: 'streamingEndpointOperations/:operation',
    handle: asyncOperation,
  },
  {
    operation: 'StreamingEndpoints_OperationLocation',
    method: 'GET',
    path: 'streamingEndpoints/:endpoint/operationLocations/:operation',
    handle: (call) =>
      operationOf(call).status === 'InProgress' ? empty(202) : json(200, showEndpoint(call, endpointOf(call))),
  },
];

function showAccount(call: Call): SimResponse {
  const { accountName, location } = call.world.account.options;
  return json(200, {
    name: accountName,
    id: resourceId(call, '').replace(/\/$/, ''),
    type: 'Microsoft.Media/mediaservices',
    location,
    properties: { provisioningState: 'Succeeded', storageAccounts: [] },
  });
}

function assetOf({ world, params }: Call): Asset {
  const asset = world.account.assets.get(params.asset ?? '');
  if (!asset) throw new ArmError('NotFound');
  return asset;
}

/** Without an operation: 201 when made, 200 when updated. recorded(Azure/azure-cli, test_ams_asset) */
function putAsset(call: Call): SimResponse {
  const name = call.params.asset ?? '';
  assertName(name);
  const properties = objectOf(call.body().properties);
  const existing = call.world.account.assets.get(name);
  if (existing) {
    updateAsset(existing, properties);
    return json(200, showAsset(call, existing));
  }
  const now = Date.now();
  const assetId = randomUUID();
  const asset: Asset = {
    name,
    assetId,
    properties: { container: `asset-${assetId}`, storageAccountName: 'simulated', ...properties },
    created: now,
    lastModified: now,
  };
  return json(201, showAsset(call, call.world.account.assets.add(asset)));
}

function patchAsset(call: Call): SimResponse {
  const asset = assetOf(call);
  updateAsset(asset, objectOf(call.body().properties));
  return json(200, showAsset(call, asset));
}

function updateAsset(asset: Asset, properties: JsonObject): void {
  asset.properties = { ...asset.properties, ...properties };
  asset.lastModified = Date.now();
}

/** Its locators go with it: documented(https://learn.microsoft.com/rest/api/media/assets/delete). */
function deleteAsset({ world, params }: Call): SimResponse {
  const { assets, locators } = world.account;
  const name = params.asset ?? '';
  for (const locator of locators.all()) {
    if (locator.assetName.toLowerCase() === name.toLowerCase()) locators.delete(locator.name);
  }
  return empty(assets.delete(name) ? 200 : 204);
}

function locatorsOfAsset(call: Call): SimResponse {
  const asset = assetOf(call);
  const found = call.world.account.locators
    .all()
    .filter((locator) => locator.assetName.toLowerCase() === asset.name.toLowerCase());
  return json(200, {
    streamingLocators: found.map(({ name, assetName, streamingLocatorId, properties, created }) => ({
      ...properties,
      name,
      assetName,
      streamingLocatorId,
      created: new Date(created).toISOString(),
    })),
  });
}

function locatorOf({ world, params }: Call): Locator {
  const locator = world.account.locators.get(params.locator ?? '');
  if (!locator) throw new ArmError('NotFound');
  return locator;
}

/** Only 201; a locator cannot be put again: documented. That the answer is then 409: assumed. */
function putLocator(call: Call): SimResponse {
  const { account } = call.world;
  const name = call.params.locator ?? '';
  assertName(name);
  const properties = objectOf(call.body().properties);
  const assetName = String(properties.assetName ?? '');
  const streamingLocatorId = String(properties.streamingLocatorId ?? randomUUID());
  if (account.locators.get(name)) throw new ArmError('Conflict', `The streaming locator '${name}' already exists.`);
  if (!account.assets.get(assetName)) throw new ArmError('BadRequest', `The asset '${assetName}' does not exist.`);
  if (typeof properties.streamingPolicyName !== 'string')
    throw new ArmError('BadRequest', 'streamingPolicyName is required.');
  if (!guid.test(streamingLocatorId)) throw new ArmError('BadRequest', 'streamingLocatorId must be a GUID.');
  if (account.locators.all().some((one) => one.streamingLocatorId.toLowerCase() === streamingLocatorId.toLowerCase())) {
    throw new ArmError('Conflict', `The streaming locator id '${streamingLocatorId}' is in use.`);
  }
  const locator: Locator = { name, properties, assetName, streamingLocatorId, created: Date.now() };
  return json(201, showLocator(call, account.locators.add(locator)));
}

/**
 * Empty for an asset without content: recorded(Azure/azure-cli, test_ams_streaming_locator_list_paths). The service
 * lists DASH and Smooth Streaming too; here only what is really served.
 */
function listPaths(call: Call): SimResponse {
  const locator = locatorOf(call);
  const archive = call.world.account.assets.get(locator.assetName)?.archive;
  const path = archive?.fragments.length
    ? `/${locator.streamingLocatorId}/${archive.manifestName}.ism/manifest(format=m3u8-cmaf)`
    : undefined;
  return json(200, {
    streamingPaths: path ? [{ streamingProtocol: 'Hls', encryptionScheme: 'NoEncryption', paths: [path] }] : [],
    downloadPaths: [],
  });
}

function endpointOf({ world, params }: Call): Endpoint {
  const endpoint = world.account.endpoints.get(params.endpoint ?? '');
  if (!endpoint) throw new ArmError('NotFound');
  return endpoint;
}

function endpointAction(verb: 'Start' | 'Stop', goal: 'Running' | 'Stopped'): Route {
  return {
    operation: `StreamingEndpoints_${verb}`,
    method: 'POST',
    path: `streamingEndpoints/:endpoint/${verb.toLowerCase()}`,
    handle: (call) => {
      const operation = call.world.account.moveEndpoint(endpointOf(call), goal);
      return empty(202, operationHeaders(call, 'streamingendpoint', operation));
    },
  };
}

function assertName(name: string): void {
  if (name.length > maxName || forbiddenInName.test(name))
    throw new ArmError('BadRequest', `The name '${name}' is not valid.`);
}

const showAsset = (call: Call, asset: Asset): JsonObject => ({
  name: asset.name,
  id: resourceId(call, `assets/${asset.name}`),
  type: 'Microsoft.Media/mediaservices/assets',
  properties: {
    ...asset.properties,
    assetId: asset.assetId,
    storageEncryptionFormat: 'None',
    created: new Date(asset.created).toISOString(),
    lastModified: new Date(asset.lastModified).toISOString(),
  },
});

const showLocator = (call: Call, locator: Locator): JsonObject => ({
  name: locator.name,
  id: resourceId(call, `streamingLocators/${locator.name}`),
  type: 'Microsoft.Media/mediaservices/streamingLocators',
  properties: {
    contentKeys: [],
    filters: [],
    ...locator.properties,
    streamingLocatorId: locator.streamingLocatorId,
    created: new Date(locator.created).toISOString(),
    endTime: '9999-12-31T23:59:59.9999999Z',
  },
});

/** A real host name is `{account}-{region}.streaming.media.azure.net`; here it is one that can be dialled, over http. */
const showEndpoint = (call: Call, endpoint: Endpoint): JsonObject => ({
  name: endpoint.name,
  id: resourceId(call, `streamingEndpoints/${endpoint.name}`),
  type: 'Microsoft.Media/mediaservices/streamingendpoints',
  location: call.world.account.options.location,
  tags: {},
  properties: {
    scaleUnits: 0,
    cdnEnabled: false,
    hostName: new URL(call.world.baseUrl()).host,
    provisioningState: endpoint.busy ? 'InProgress' : 'Succeeded',
    resourceState: endpoint.state,
    created: new Date(endpoint.created).toISOString(),
    lastModified: new Date(endpoint.lastModified).toISOString(),
  },
});
