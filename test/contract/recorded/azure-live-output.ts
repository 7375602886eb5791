import { asset, channelAbsent, headersOf, madeBy } from './azure-shapes.ts';
import type { Recording } from './recording.ts';

const storageAccount =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{text:storage}';
const path = '/liveEvents/show/liveOutputs';

const output = (resourceState: string, provisioningState: string, dated: string) => ({
  name: 'out',
  id: '{id}/liveevents/show/liveoutputs/out',
  type: 'Microsoft.Media/mediaservices/liveevents/liveoutputs',
  properties: {
    description: null,
    assetName: 'tape',
    archiveWindowLength: 'PT5M',
    manifestName: '{guid:manifest}',
    outputSnapTime: 0,
    resourceState,
    provisioningState,
    created: '{time}',
    lastModified: dated,
    hls: { fragmentsPerTsSegment: 5 },
    rewindWindowLength: null,
  },
  systemData: madeBy('out'),
});

const running = output('Running', 'Succeeded', '{time}');
const creating = output('Creating', 'InProgress', '{time}');

/** An output on a stopped event: since 2022-08-01 it is made without a long operation. */
export const outputAtOnce: Recording = {
  source: 'https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests',
  apiVersion: '2022-08-01',
  location: 'westus2',
  given: [
    {
      request: 'PUT /liveEvents/show',
      body: { location: 'westus2', properties: { input: { streamingProtocol: 'RTMP' } } },
    },
  ],
  exchanges: [
    {
      request: 'GET ',
      status: 200,
      headers: headersOf.read,
      answer: {
        name: '{account}',
        id: '{id}',
        type: 'Microsoft.Media/mediaservices',
        location: 'West US 2',
        properties: {
          mediaServiceId: '{guid}',
          storageAccounts: [{ id: storageAccount, type: 'Primary' }],
          storageAuthentication: 'System',
          encryption: { type: 'SystemKey' },
          keyDelivery: { accessControl: { defaultAction: 'Allow', ipAllowList: [] } },
          publicNetworkAccess: 'Enabled',
          provisioningState: 'Succeeded',
          privateEndpointConnections: [],
        },
      },
    },
    {
      request: 'PUT /assets/tape',
      body: { properties: {} },
      status: 201,
      headers: headersOf.store,
      answer: asset('tape', {
        container: 'asset-{guid:tapeId}',
        storageAccountName: '{text:storage}',
        storageEncryptionFormat: 'None',
      }),
    },
    {
      request: `PUT ${path}/out`,
      body: {
        properties: { assetName: 'tape', archiveWindowLength: 'PT5M', hls: { fragmentsPerTsSegment: 5 } },
      },
      status: 200,
      headers: headersOf.write,
      answer: creating,
    },
    {
      request: `GET ${path}/out`,
      accept: null,
      status: 200,
      headers: headersOf.readUnasked,
      pending: creating,
      answer: running,
    },
    { request: `GET ${path}/out`, status: 200, headers: headersOf.read, answer: running },
    { request: `GET ${path}`, status: 200, headers: headersOf.read, answer: { value: [running] } },
    { request: `DELETE ${path}/out`, status: 200, headers: headersOf.emptyDelete },
    { request: `GET ${path}/out`, status: 404, headers: headersOf.absent, answer: channelAbsent },
    { request: `GET ${path}`, status: 200, headers: headersOf.read, answer: { value: [] } },
  ],
};
