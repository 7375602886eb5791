import { randomUUID } from 'node:crypto';
import type { SimResponse } from '../kit/types.ts';
import { empty, found, json, page, resourceId, systemDataOf } from './answers.ts';
import { ArmError } from './errors.ts';
import { armTime, databaseTime, type JsonObject, listOf, objectOf, preciseNow } from './fields.ts';
import type { Locator } from './records.ts';
import type { Call, Route } from './routes.ts';
import { assertName } from './routes-assets.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const locatorRoutes: Route[] = [
  {
    // documented(https://learn.microsoft.com/rest/api/media/streaming-locators/list)
    operation: 'StreamingLocators_List',
    method: 'GET',
    path: 'streamingLocators',
    handle: (call) =>
      page(call, 'streamingLocators', call.world.account.locators.all(), (locator) => show(call, locator)),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/streaming-locators/get)
    operation: 'StreamingLocators_Get',
    method: 'GET',
    path: 'streamingLocators/:locator',
    handle: (call) => json(call, 200, show(call, locatorOf(call))),
  },
  // documented(https://learn.microsoft.com/rest/api/media/streaming-locators/create)
  { operation: 'StreamingLocators_Create', method: 'PUT', path: 'streamingLocators/:locator', handle: put },
  {
    // documented(https://learn.microsoft.com/rest/api/media/streaming-locators/delete)
    operation: 'StreamingLocators_Delete',
    method: 'DELETE',
    path: 'streamingLocators/:locator',
    // 200: recorded(https://github.com/Azure/azure-cli#test_ams_streaming_locator); 204 when there was none:
    // documented(https://learn.microsoft.com/rest/api/media/streaming-locators/delete)
    handle: ({ world, params }) => empty(world.account.locators.delete(params.locator ?? '') ? 200 : 204),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/streaming-locators/list-paths)
    operation: 'StreamingLocators_ListPaths',
    method: 'POST',
    path: 'streamingLocators/:locator/listPaths',
    handle: listPaths,
  },
];

/** recorded(https://github.com/Azure/azure-cli#test_ams_streaming_locator) */
const locatorOf = ({ world, params }: Call): Locator => found(world.account.locators, params.locator, 'NotFound');

/**
 * Only 201: a locator cannot be updated. documented(https://learn.microsoft.com/rest/api/media/streaming-locators/create)
 * That a second one is answered with 409: assumed.
 */
function put(call: Call): SimResponse {
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
  const now = preciseNow();
  const systemData = { createdAt: now, lastModifiedAt: now };
  const locator: Locator = { name, properties, assetName, streamingLocatorId, created: now, systemData };
  account.locators.add(locator);
  return json(call, 201, show(call, locator, requested));
}

/**
 * Empty for an asset without content. recorded(https://github.com/Azure/azure-cli#test_ams_streaming_locator) The service
 * lists DASH and Smooth Streaming too; here only what is really served.
 */
function listPaths(call: Call): SimResponse {
  const locator = locatorOf(call);
  const archive = call.world.account.assets.get(locator.assetName)?.archive;
  const path = archive?.fragments.length
    ? `/${locator.streamingLocatorId}/${archive.manifestName}.ism/manifest(format=m3u8-cmaf)`
    : undefined;
  return json(call, 200, {
    streamingPaths: path ? [{ streamingProtocol: 'Hls', encryptionScheme: 'NoEncryption', paths: [path] }] : [],
    downloadPaths: [],
  });
}

interface Clock {
  time(at: number): string;
  forever: string;
}

/** The answer to the request is finer than what was stored. recorded(https://github.com/Azure/azure-sdk-for-net#StreamingLocatorTests) */
const requested: Clock = { time: armTime, forever: '9999-12-31T23:59:59.9999999Z' };
const stored: Clock = { time: databaseTime, forever: '9999-12-31T23:59:59.997Z' };

/** recorded(https://github.com/Azure/azure-cli#test_ams_streaming_locator) */
function show(call: Call, locator: Locator, clock = stored): JsonObject {
  const { startTime, endTime, streamingPolicyName, contentKeys, filters } = locator.properties;
  const { alternativeMediaId, defaultContentKeyPolicyName } = locator.properties;
  return {
    name: locator.name,
    id: resourceId(call, `streamingLocators/${locator.name}`),
    type: 'Microsoft.Media/mediaservices/streamingLocators',
    properties: {
      assetName: locator.assetName,
      created: clock.time(locator.created),
      startTime: givenTime(startTime),
      endTime: givenTime(endTime) ?? clock.forever,
      streamingLocatorId: locator.streamingLocatorId,
      streamingPolicyName,
      defaultContentKeyPolicyName,
      contentKeys: listOf(contentKeys),
      alternativeMediaId,
      filters: listOf(filters),
    },
    systemData: systemDataOf(call, locator.systemData),
  };
}

/** Undefined leaves it out. */
const givenTime = (value: unknown): string | undefined => {
  const at = Date.parse(String(value ?? ''));
  return Number.isNaN(at) ? undefined : databaseTime(at);
};
