import { accepted, clearPolicy, encoded720, headersOf, liveEvent, madeByNobody, poll } from './azure-shapes.ts';
import type { Recording } from './recording.ts';

const path = '/liveEvents/show';
const policies = { clientAccessPolicy: '<access-policy/>', crossDomainPolicy: '<cross-domain-policy/>' };
const key = '0123456789abcdef0123456789abcdef';
const locator = '88888888-0000-0000-0000-000000000001';

const range = (name: string, address: string, subnetPrefixLength: number | null) => ({
  name,
  address,
  subnetPrefixLength,
});
const mayPush = { ip: { allow: [range('one', '1.2.3.4', null), range('some', '192.168.0.0', 28)] } };
const mayPreview = { ip: { allow: [range('all', '0.0.0.0', null)] } };

const asked = {
  location: 'Central US',
  tags: { key: 'value' },
  properties: {
    description: 'A show',
    input: {
      streamingProtocol: 'RTMP',
      accessControl: {
        ip: {
          allow: [
            { name: 'one', address: '1.2.3.4' },
            { name: 'some', address: '192.168.0.0', subnetPrefixLength: 28 },
          ],
        },
      },
      accessToken: key,
    },
    preview: { accessControl: { ip: { allow: [{ name: 'all', address: '0.0.0.0' }] } }, previewLocator: locator },
    encoding: { encodingType: 'Standard', stretchMode: 'AutoSize', keyFrameInterval: 'PT2S' },
    transcriptions: [{ language: 'ca-ES' }],
    crossSiteAccessPolicies: policies,
    useStaticHostname: true,
    hostnamePrefix: 'studio',
    streamOptions: ['Default', 'LowLatency'],
  },
};

const rtmp = (scheme: string, host: string) => ({ protocol: 'RTMP', url: `${scheme}://{host:${host}}/live/${key}` });
const ingest = [rtmp('rtmp', 'primary'), rtmp('rtmp', 'secondary'), rtmp('rtmps', 'safe'), rtmp('rtmps', 'safeToo')];
const preview = [{ protocol: 'FragmentedMP4', url: `{text:preview}/${locator}/preview.ism/manifest` }];

interface Shown {
  state: string;
  provisioning?: string;
  created?: string;
  lastModified: string;
  endpoints: boolean;
  idSuffix?: string;
}

const show = ({
  state,
  provisioning = 'Succeeded',
  created = '{time:created}',
  lastModified,
  endpoints,
  idSuffix,
}: Shown) =>
  liveEvent({
    name: 'show',
    location: 'Central US',
    tags: { key: 'value' },
    ...(idSuffix && { idSuffix }),
    properties: {
      description: 'A show',
      resourceState: state,
      provisioningState: provisioning,
      created,
      lastModified,
      useStaticHostname: true,
      streamOptions: ['Default', 'LowLatency'],
      input: {
        keyFrameIntervalDuration: '',
        streamingProtocol: 'RTMP',
        accessToken: key,
        endpoints: endpoints ? ingest : [],
        accessControl: mayPush,
      },
      preview: {
        previewLocator: locator,
        streamingPolicyName: clearPolicy,
        alternativeMediaId: null,
        accessControl: mayPreview,
        endpoints: endpoints ? preview : [],
      },
      encoding: encoded720,
      crossSiteAccessPolicies: policies,
      hostnamePrefix: 'studio',
      transcriptions: [{ language: 'ca-ES', inputTrackSelection: [], outputTranscriptionTrack: null }],
    },
    systemData: madeByNobody,
  });

/** Everything given, and a host name that stays: its endpoints are shown when it is stopped too. */
export const staticHostname: Recording = {
  source: 'https://github.com/Azure/azure-cli#test_live_event_create',
  apiVersion: '2020-05-01',
  location: 'centralus',
  exchanges: [
    {
      request: `PUT ${path}?autoStart=true`,
      body: asked,
      status: 201,
      headers: { ...headersOf.write, ...accepted('liveevent', 'liveevents/show', 'create') },
      answer: show({
        state: 'Stopped',
        provisioning: 'InProgress',
        created: '{time:asked}',
        lastModified: '{time:asked}',
        endpoints: false,
      }),
    },
    poll('liveevent', 'create', '{guid:target}'),
    {
      request: `GET ${path}?autoStart=true`,
      accept: '*/*',
      status: 200,
      headers: headersOf.read,
      answer: show({ state: 'Running', lastModified: '{time:started}', endpoints: true }),
    },
    {
      request: `POST ${path}/stop`,
      body: { removeOutputsOnStop: false },
      status: 202,
      headers: { ...headersOf.emptyWrite, ...accepted('liveevent', 'liveevents/show', 'stop') },
    },
    poll('liveevent', 'stop', '{guid:target}'),
    {
      request: 'GET {root}/liveevents/show/operationlocations/{stop}?api-version={version}',
      accept: '*/*',
      status: 200,
      headers: headersOf.read,
      answer: show({
        state: 'Stopped',
        lastModified: '{time:stopped}',
        endpoints: true,
        idSuffix: '/operationlocations/{guid:stop}',
      }),
    },
  ],
  order: [['asked', 'created']],
};
