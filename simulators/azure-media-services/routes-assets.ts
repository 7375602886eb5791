import { randomUUID } from 'node:crypto';
import type { SimResponse } from '../kit/types.ts';
import { empty, found, hasApiVersion, json, page, resourceId, systemDataOf } from './answers.ts';
import { ArmError } from './errors.ts';
import { databaseTime, type JsonObject, objectOf, preciseNow } from './fields.ts';
import type { Asset } from './records.ts';
import type { Call, Route } from './routes.ts';

/** documented(https://learn.microsoft.com/rest/api/media/assets/create-or-update) */
const forbiddenInName = /[<>%&:\\?/*+.'\p{Cc}]/u;
const maxName = 260;
const storageAccountName = 'simulated';

export const assetRoutes: Route[] = [
  {
    // documented(https://learn.microsoft.com/rest/api/media/assets/list)
    operation: 'Assets_List',
    method: 'GET',
    path: 'assets',
    handle: (call) => page(call, 'assets', call.world.account.assets.all(), (asset) => show(call, asset)),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/assets/get)
    operation: 'Assets_Get',
    method: 'GET',
    path: 'assets/:asset',
    handle: (call) => json(call, 200, show(call, assetOf(call))),
  },
  // documented(https://learn.microsoft.com/rest/api/media/assets/create-or-update)
  { operation: 'Assets_CreateOrUpdate', method: 'PUT', path: 'assets/:asset', handle: put },
  // documented(https://learn.microsoft.com/rest/api/media/assets/update)
  { operation: 'Assets_Update', method: 'PATCH', path: 'assets/:asset', handle: patch },
  // documented(https://learn.microsoft.com/rest/api/media/assets/delete)
  { operation: 'Assets_Delete', method: 'DELETE', path: 'assets/:asset', handle: remove },
  {
    // documented(https://learn.microsoft.com/rest/api/media/assets/list-streaming-locators)
    operation: 'Assets_ListStreamingLocators',
    method: 'POST',
    path: 'assets/:asset/listStreamingLocators',
    handle: locatorsOf,
  },
];

/** Other words than those of a live event. recorded(https://github.com/Azure/azure-cli#test_ams_asset) */
const assetOf = ({ world, params }: Call): Asset => found(world.account.assets, params.asset, 'NotFound');

/** Without an operation: 201 when made, 200 when updated. recorded(https://github.com/Azure/azure-cli#test_ams_asset) */
function put(call: Call): SimResponse {
  const name = call.params.asset ?? '';
  assertName(name);
  const properties = objectOf(call.body().properties);
  const existing = call.world.account.assets.get(name);
  if (existing) {
    update(existing, properties);
    return json(call, 200, show(call, existing));
  }
  const now = preciseNow();
  const asset: Asset = {
    name,
    assetId: randomUUID(),
    properties,
    created: now,
    lastModified: now,
    systemData: { createdAt: now, lastModifiedAt: now },
  };
  return json(call, 201, show(call, call.world.account.assets.add(asset)));
}

function patch(call: Call): SimResponse {
  const asset = assetOf(call);
  update(asset, objectOf(call.body().properties));
  return json(call, 200, show(call, asset));
}

function update(asset: Asset, properties: JsonObject): void {
  asset.properties = { ...asset.properties, ...properties };
  asset.lastModified = preciseNow();
  asset.systemData.lastModifiedAt = asset.lastModified;
}

/** Its locators go with it. documented(https://learn.microsoft.com/rest/api/media/assets/delete) */
function remove({ world, params }: Call): SimResponse {
  const { assets, locators } = world.account;
  const name = params.asset ?? '';
  for (const locator of locators.all()) {
    if (locator.assetName.toLowerCase() === name.toLowerCase()) locators.delete(locator.name);
  }
  return empty(assets.delete(name) ? 200 : 204);
}

/** documented(https://learn.microsoft.com/rest/api/media/assets/list-streaming-locators) */
function locatorsOf(call: Call): SimResponse {
  const asset = assetOf(call);
  const found = call.world.account.locators
    .all()
    .filter((locator) => locator.assetName.toLowerCase() === asset.name.toLowerCase());
  return json(call, 200, {
    streamingLocators: found.map(({ name, assetName, streamingLocatorId, properties, created }) => ({
      name,
      assetName,
      created: databaseTime(created),
      ...(typeof properties.startTime === 'string' && { startTime: properties.startTime }),
      endTime: properties.endTime ?? '9999-12-31T23:59:59.997Z',
      streamingLocatorId,
      streamingPolicyName: properties.streamingPolicyName,
      defaultContentKeyPolicyName: properties.defaultContentKeyPolicyName ?? null,
    })),
  });
}

export function assertName(name: string): void {
  if (name.length > maxName || forbiddenInName.test(name))
    throw new ArmError('BadRequest', `The name '${name}' is not valid.`);
}

/**
 * What was not given is left out; a container of the service's own choice is shown from 2022-08-01 on.
 * recorded(https://github.com/Azure/azure-cli#test_ams_asset),
 * recorded(https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests)
 */
function show(call: Call, asset: Asset): JsonObject {
  const { alternateId, description, container, storageAccountName: storage } = asset.properties;
  const chosen = hasApiVersion(call, '2022-08-01') ? `asset-${asset.assetId}` : undefined;
  return {
    name: asset.name,
    id: resourceId(call, `assets/${asset.name}`),
    type: 'Microsoft.Media/mediaservices/assets',
    properties: {
      assetId: asset.assetId,
      created: databaseTime(asset.created),
      lastModified: databaseTime(asset.lastModified),
      alternateId,
      description,
      container: container ?? chosen,
      storageAccountName: storage ?? storageAccountName,
      storageEncryptionFormat: 'None',
    },
    systemData: systemDataOf(call, asset.systemData),
  };
}
