import { accepted, asset, clearPolicy, headersOf, madeBy, madeByNobody, poll, storedAbsent } from './azure-shapes.ts';
import type { Recording } from './recording.ts';

const tape = (alternateId: string, description: string, changed: boolean) =>
  asset(
    'tape',
    {
      ...(changed && { lastModified: '{coarse:changed}' }),
      alternateId,
      description,
      container: 'box',
      storageAccountName: 'shelf',
      storageEncryptionFormat: 'None',
    },
    changed ? madeBy('tape', 'changedAt') : madeBy('tape'),
  );
const given = { container: 'box', storageAccountName: 'shelf' };
const before = tape('first', 'A tape', false);
const after = tape('second', 'The tape', true);

/** An asset made, changed and deleted, none of it a long operation. */
export const storedAsset: Recording = {
  source: 'https://github.com/Azure/azure-cli#test_ams_asset',
  apiVersion: '2021-11-01',
  location: 'australiaeast',
  exchanges: [
    {
      request: 'PUT /assets/tape',
      body: { properties: { alternateId: 'first', description: 'A tape', ...given } },
      status: 201,
      headers: headersOf.store,
      answer: before,
    },
    { request: 'GET /assets/tape', status: 200, headers: headersOf.read, answer: before },
    {
      request: 'PUT /assets/tape',
      body: { properties: { alternateId: 'second', description: 'The tape', ...given } },
      status: 200,
      headers: headersOf.store,
      answer: after,
    },
    { request: 'GET /assets/tape', status: 200, headers: headersOf.read, answer: after },
    { request: 'GET /assets/other', status: 404, headers: headersOf.absent, answer: storedAbsent },
    { request: 'GET /assets', status: 200, headers: headersOf.read, answer: { value: [after] } },
    { request: 'DELETE /assets/tape', status: 200, headers: headersOf.emptyStore },
  ],
};

const locatorId = '88888888-0000-0000-0000-000000000001';
const mediaId = '88888888-0000-0000-0000-000000000002';

const locator = (created: string, properties: object) => ({
  name: 'tape',
  id: '{id}/streamingLocators/tape',
  type: 'Microsoft.Media/mediaservices/streamingLocators',
  properties: { assetName: 'tape', created, ...properties },
  systemData: madeBy('locator'),
});
const limited = {
  startTime: '2018-03-29T10:00:00Z',
  endTime: '2018-03-29T12:00:00Z',
  streamingLocatorId: locatorId,
  streamingPolicyName: clearPolicy,
  contentKeys: [],
  alternativeMediaId: mediaId,
  filters: [],
};
const given404 = { status: 404, headers: headersOf.absent, answer: storedAbsent };

/** A locator with everything given. What is stored of its date is coarser than what the first answer says. */
export const limitedLocator: Recording = {
  source: 'https://github.com/Azure/azure-cli#test_ams_streaming_locator',
  apiVersion: '2021-06-01',
  location: 'centralus',
  given: [{ request: 'PUT /assets/tape', body: {} }],
  exchanges: [
    {
      request: 'PUT /streamingLocators/tape',
      body: {
        properties: {
          assetName: 'tape',
          startTime: '2018-03-29T10:00:00.000Z',
          endTime: '2018-03-29T12:00:00.000Z',
          streamingLocatorId: locatorId,
          streamingPolicyName: clearPolicy,
          alternativeMediaId: mediaId,
        },
      },
      status: 201,
      headers: headersOf.store,
      answer: locator('{time}', limited),
    },
    {
      request: 'GET /streamingLocators/tape',
      status: 200,
      headers: headersOf.read,
      answer: locator('{coarse:stored}', limited),
    },
    { request: 'GET /streamingLocators/other', ...given404 },
    {
      request: 'GET /streamingLocators',
      status: 200,
      headers: headersOf.read,
      answer: { value: [locator('{coarse:stored}', limited)] },
    },
    {
      request: 'POST /streamingLocators/tape/listPaths',
      status: 200,
      headers: headersOf.write,
      answer: { streamingPaths: [], downloadPaths: [] },
    },
    { request: 'DELETE /streamingLocators/tape', status: 200, headers: headersOf.emptyStore },
  ],
};

const endless = (endTime: string) => ({
  endTime,
  streamingLocatorId: '{guid:locatorId}',
  streamingPolicyName: clearPolicy,
  contentKeys: [],
  filters: [],
});

/** A locator with as little as possible. */
export const leastLocator: Recording = {
  source: 'https://github.com/Azure/azure-sdk-for-net#StreamingLocatorTests',
  apiVersion: '2023-01-01',
  location: 'westus2',
  given: [{ request: 'PUT /assets/tape', body: {} }],
  exchanges: [
    {
      request: 'PUT /streamingLocators/tape',
      body: { properties: { assetName: 'tape', streamingPolicyName: clearPolicy } },
      status: 201,
      headers: headersOf.store,
      answer: locator('{time}', endless('9999-12-31T23:59:59.9999999Z')),
    },
    {
      request: 'GET /streamingLocators/tape',
      status: 200,
      headers: headersOf.read,
      answer: locator('{coarse}', endless('9999-12-31T23:59:59.997Z')),
    },
    { request: 'DELETE /streamingLocators/tape', status: 200, headers: headersOf.emptyStore },
    { request: 'GET /streamingLocators/tape', ...given404 },
  ],
};

const endpoint = {
  name: 'default',
  id: '{id}/streamingendpoints/default',
  type: 'Microsoft.Media/mediaservices/streamingEndpoints',
  location: 'West US 2',
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
    hostName: '{host}',
    freeTrialEndTime: '0001-01-01T00:00:00Z',
    provisioningState: 'Succeeded',
    resourceState: 'Stopped',
    created: '{time}',
    lastModified: '{time}',
  },
  systemData: madeByNobody,
  sku: { name: 'Standard', capacity: 0 },
};

/** The streaming endpoint that every account has. */
export const defaultEndpoint: Recording = {
  source: 'https://github.com/Azure/azure-sdk-for-net#StreamingEndpointTests',
  apiVersion: '2022-08-01',
  location: 'westus2',
  exchanges: [
    { request: 'GET /streamingEndpoints', status: 200, headers: headersOf.read, answer: { value: [endpoint] } },
  ],
};

export const startedEndpoint: Recording = {
  source: 'https://github.com/Azure/azure-cli#test_ams_streaming_endpoint_start',
  apiVersion: '2021-06-01',
  location: 'centralindia',
  exchanges: [
    {
      request: 'POST /streamingEndpoints/default/start',
      status: 202,
      headers: { ...headersOf.emptyWrite, ...accepted('streamingendpoint', 'streamingendpoints/default', 'start') },
    },
    poll('streamingendpoint', 'start', '{guid:target}'),
  ],
};
