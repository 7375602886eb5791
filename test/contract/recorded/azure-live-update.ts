import { accepted, clearPolicy, headersOf, liveEvent, madeBy, noPolicies, notEncoded, poll } from './azure-shapes.ts';
import type { Recording } from './recording.ts';

const path = '/liveEvents/show';
const policies = { clientAccessPolicy: '<access-policy/>', crossDomainPolicy: '<cross-domain-policy/>' };
const everyone = { ip: { allow: [{ name: 'all', address: '0.0.0.0', subnetPrefixLength: 0 }] } };
const few = { ip: { allow: [{ name: 'one', address: '1.2.3.4', subnetPrefixLength: null }] } };

interface Shown {
  changed: boolean;
  provisioning?: string;
  created?: string;
  lastModified: string;
}

const show = ({ changed, provisioning = 'Succeeded', created = '{time:created}', lastModified }: Shown) =>
  liveEvent({
    name: 'show',
    location: 'East Asia',
    tags: changed ? { key: 'value' } : {},
    properties: {
      description: changed ? 'A show' : '',
      resourceState: 'Stopped',
      provisioningState: provisioning,
      created,
      lastModified,
      useStaticHostname: false,
      streamOptions: [],
      input: {
        keyFrameIntervalDuration: changed ? 'PT2S' : '',
        streamingProtocol: 'FragmentedMP4',
        accessToken: '{token:key}',
        endpoints: [],
        accessControl: changed ? few : everyone,
      },
      preview: {
        previewLocator: '{guid:locator}',
        streamingPolicyName: clearPolicy,
        alternativeMediaId: null,
        accessControl: changed ? few : { ip: { allow: [] } },
        endpoints: [],
      },
      encoding: notEncoded,
      crossSiteAccessPolicies: changed ? policies : noPolicies,
      hostnamePrefix: null,
      transcriptions: [],
    },
    systemData: changed ? madeBy('show', 'changedAt') : madeBy('show'),
  });

const given = { ip: { allow: [{ name: 'one', address: '1.2.3.4' }] } };

/** An update is a long operation; its answer shows the change, and the date of the one before. */
export const updatedEvent: Recording = {
  source: 'https://github.com/Azure/azure-cli#test_live_event_update',
  apiVersion: '2021-11-01',
  location: 'eastasia',
  exchanges: [
    {
      request: `PUT ${path}?autoStart=false`,
      body: {
        location: 'East Asia',
        properties: {
          input: { streamingProtocol: 'FragmentedMP4', accessControl: everyone },
          preview: { accessControl: { ip: { allow: [] } } },
          encoding: {},
          transcriptions: [],
          crossSiteAccessPolicies: {},
          useStaticHostname: false,
        },
      },
      status: 201,
      headers: { ...headersOf.write, ...accepted('liveevent', 'liveevents/show', 'create') },
      answer: show({
        changed: false,
        provisioning: 'InProgress',
        created: '{time:asked}',
        lastModified: '{time:asked}',
      }),
    },
    poll('liveevent', 'create', '{guid:target}'),
    {
      request: `GET ${path}`,
      status: 200,
      headers: headersOf.read,
      answer: show({ changed: false, lastModified: '{time:before}' }),
    },
    {
      request: `PATCH ${path}`,
      body: {
        tags: { key: 'value' },
        location: 'East Asia',
        properties: {
          description: 'A show',
          input: {
            streamingProtocol: 'FragmentedMP4',
            accessControl: given,
            keyFrameIntervalDuration: 'PT2S',
            endpoints: [],
          },
          preview: { endpoints: [], accessControl: given, streamingPolicyName: clearPolicy },
          encoding: { encodingType: 'None' },
          transcriptions: [],
          crossSiteAccessPolicies: policies,
          useStaticHostname: false,
          streamOptions: [],
        },
      },
      status: 202,
      headers: { ...headersOf.write, ...accepted('liveevent', 'liveevents/show', 'update') },
      answer: show({ changed: true, provisioning: 'InProgress', lastModified: '{time:before}' }),
    },
    poll('liveevent', 'update', '{guid:target}'),
    {
      request: `GET ${path}`,
      accept: '*/*',
      status: 200,
      headers: headersOf.read,
      answer: show({ changed: true, lastModified: '{time:after}' }),
    },
  ],
  order: [
    ['asked', 'created'],
    ['before', 'after'],
  ],
};
