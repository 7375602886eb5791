import {
  accepted,
  asset,
  clearPolicy,
  encoded720,
  headersOf,
  liveEvent,
  madeBy,
  noPolicies,
  poll,
} from './azure-shapes.ts';
import type { Exchange, Recording } from './recording.ts';

const path = '/liveEvents/show';
const everyone = { ip: { allow: [{ name: 'all', address: '0.0.0.0', subnetPrefixLength: 0 }] } };
const nobody = { ip: { allow: [] } };

const ingest = [{ protocol: 'FragmentedMP4', url: 'http://{host:first}/{token:key}/ingest.isml' }];
const preview = [{ protocol: 'FragmentedMP4', url: '{text:preview}/{guid:locator}/preview.ism/manifest' }];

interface Shown {
  state: string;
  provisioning?: string;
  created?: string;
  lastModified: string;
  up: boolean;
  idSuffix?: string;
}

const show = ({ state, provisioning = 'Succeeded', created = '{time:created}', lastModified, up, idSuffix }: Shown) =>
  liveEvent({
    name: 'show',
    location: 'Japan East',
    tags: { key: 'value' },
    ...(idSuffix && { idSuffix }),
    properties: {
      description: '',
      resourceState: state,
      provisioningState: provisioning,
      created,
      lastModified,
      useStaticHostname: false,
      streamOptions: [],
      input: {
        keyFrameIntervalDuration: '',
        streamingProtocol: 'FragmentedMP4',
        accessToken: '{token:key}',
        endpoints: up ? ingest : [],
        accessControl: everyone,
      },
      preview: {
        previewLocator: '{guid:locator}',
        streamingPolicyName: clearPolicy,
        alternativeMediaId: null,
        accessControl: nobody,
        endpoints: up ? preview : [],
      },
      encoding: encoded720,
      crossSiteAccessPolicies: noPolicies,
      hostnamePrefix: null,
      transcriptions: [],
    },
    systemData: madeBy('show'),
  });

const body = {
  location: 'Japan East',
  tags: { key: 'value' },
  properties: {
    input: { streamingProtocol: 'FragmentedMP4', accessControl: everyone },
    preview: { accessControl: nobody },
    encoding: { encodingType: 'Standard' },
    transcriptions: [],
    crossSiteAccessPolicies: {},
    useStaticHostname: false,
  },
};

const output = (name: string, resourceState: string, provisioningState: string) => ({
  name,
  id: `{id}/liveevents/show/liveoutputs/${name}`,
  type: 'Microsoft.Media/mediaservices/liveevents/liveoutputs',
  properties: {
    description: null,
    assetName: 'tape',
    archiveWindowLength: 'PT5M',
    manifestName: `manifest-${name}`,
    outputSnapTime: 0,
    resourceState,
    provisioningState,
    created: '{time}',
    lastModified: '{time}',
    hls: null,
  },
  systemData: madeBy(name),
});

const makesOutput = (name: string): Exchange[] => [
  {
    request: `PUT ${path}/liveOutputs/${name}`,
    body: { properties: { assetName: 'tape', archiveWindowLength: 'PT5M', manifestName: `manifest-${name}` } },
    status: 201,
    headers: { ...headersOf.write, ...accepted('liveoutput', `liveevents/show/liveoutputs/${name}`, `put${name}`) },
    answer: output(name, 'Creating', 'InProgress'),
  },
  poll('liveoutput', `put${name}`, '{guid:target}'),
  {
    request: `GET ${path}/liveOutputs/${name}`,
    accept: '*/*',
    status: 200,
    headers: headersOf.read,
    answer: output(name, 'Running', 'Succeeded'),
  },
];

const stopped = { state: 'Stopped', lastModified: '{time:stopped}', up: false };

/** An encoding live event that starts by itself, two outputs into one asset, and a stop that takes them with it. */
const showOf = (apiVersion: string): Recording => ({
  source: 'https://github.com/Azure/azure-cli#test_live_event_stop_and_remove_outputs',
  apiVersion,
  location: 'japaneast',
  exchanges: [
    {
      request: `PUT ${path}?autoStart=true`,
      body,
      status: 201,
      headers: { ...headersOf.write, ...accepted('liveevent', 'liveevents/show', 'create') },
      answer: show({
        state: 'Stopped',
        provisioning: 'InProgress',
        created: '{time:asked}',
        lastModified: '{time:asked}',
        up: false,
      }),
    },
    poll('liveevent', 'create', '{guid:target}'),
    {
      request: `GET ${path}?autoStart=true`,
      accept: '*/*',
      status: 200,
      headers: headersOf.read,
      answer: show({ state: 'Running', lastModified: '{time:started}', up: true }),
    },
    {
      request: 'PUT /assets/tape',
      body: {},
      status: 201,
      headers: headersOf.store,
      answer: asset('tape', { storageAccountName: '{text:storage}', storageEncryptionFormat: 'None' }),
    },
    ...makesOutput('one'),
    ...makesOutput('two'),
    {
      request: `GET ${path}/liveOutputs`,
      status: 200,
      headers: headersOf.read,
      answer: { value: [output('one', 'Running', 'Succeeded'), output('two', 'Running', 'Succeeded')] },
    },
    {
      request: `POST ${path}/stop`,
      body: { removeOutputsOnStop: true },
      status: 202,
      headers: { ...headersOf.emptyWrite, ...accepted('liveevent', 'liveevents/show', 'stop') },
    },
    poll('liveevent', 'stop', '{guid:target}'),
    {
      request: 'GET {root}/liveevents/show/operationlocations/{stop}?api-version={version}',
      accept: '*/*',
      status: 200,
      headers: headersOf.read,
      answer: show({ ...stopped, idSuffix: '/operationlocations/{guid:stop}' }),
    },
    { request: `GET ${path}`, status: 200, headers: headersOf.read, answer: show(stopped) },
    { request: `GET ${path}/liveOutputs`, status: 200, headers: headersOf.read, answer: { value: [] } },
  ],
});

export const encodedShow = showOf('2021-11-01');
export const encodedShowBefore = showOf('2021-06-01');

const standby = { state: 'StandBy', lastModified: '{time:allocated}', up: true };

/** Allocated, it has its endpoints. */
export const standbyEvent: Recording = {
  source: 'https://github.com/Azure/azure-cli#test_live_event_standby',
  apiVersion: '2021-11-01',
  location: 'japaneast',
  given: [{ request: `PUT ${path}`, body }],
  exchanges: [
    {
      request: `POST ${path}/allocate`,
      status: 202,
      headers: { ...headersOf.emptyWrite, ...accepted('liveevent', 'liveevents/show', 'allocate') },
    },
    poll('liveevent', 'allocate', '{guid:target}'),
    {
      request: 'GET {root}/liveevents/show/operationlocations/{allocate}?api-version={version}',
      accept: '*/*',
      status: 200,
      headers: headersOf.read,
      answer: show({ ...standby, idSuffix: '/operationlocations/{guid:allocate}' }),
    },
    { request: `GET ${path}`, status: 200, headers: headersOf.read, answer: show(standby) },
  ],
};
