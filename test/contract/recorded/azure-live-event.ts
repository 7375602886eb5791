import {
  accepted,
  channelAbsent,
  clearPolicy,
  headersOf,
  liveEvent,
  madeBy,
  noOne,
  noPolicies,
  notEncoded,
  poll,
} from './azure-shapes.ts';
import type { Recording } from './recording.ts';

const path = '/liveEvents/show';
const retryAfter = '2';

const show = (state: string, created: string, lastModified: string) =>
  liveEvent({
    name: 'show',
    location: 'West US 2',
    properties: {
      description: '',
      resourceState: 'Stopped',
      provisioningState: state,
      created: `{time:${created}}`,
      lastModified: `{time:${lastModified}}`,
      useStaticHostname: false,
      streamOptions: [],
      input: {
        keyFrameIntervalDuration: '',
        streamingProtocol: 'RTMP',
        accessToken: '{text:token}',
        endpoints: [],
        accessControl: null,
      },
      preview: {
        previewLocator: '{guid:locator}',
        streamingPolicyName: clearPolicy,
        alternativeMediaId: null,
        accessControl: null,
        endpoints: [],
      },
      encoding: notEncoded,
      crossSiteAccessPolicies: noPolicies,
      hostnamePrefix: null,
      transcriptions: [],
    },
    systemData: madeBy('show'),
  });

const shown = show('Succeeded', 'created', 'modified');

/** A live event made with as little as possible, listed and deleted. The PUT dates it a little earlier than the GETs. */
export const leastLiveEvent: Recording = {
  source: 'https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests',
  apiVersion: '2022-08-01',
  location: 'westus2',
  exchanges: [
    {
      request: `PUT ${path}`,
      body: {
        tags: {},
        location: 'westus2',
        properties: { input: { streamingProtocol: 'RTMP' }, crossSiteAccessPolicies: {} },
      },
      status: 201,
      headers: { ...headersOf.write, ...accepted('liveevent', 'liveevents/show', 'create', retryAfter) },
      answer: show('InProgress', 'asked', 'asked'),
    },
    poll('liveevent', 'create', '{guid:target}', { retryAfter, accept: null }),
    { request: `GET ${path}`, accept: null, status: 200, headers: headersOf.readUnasked, answer: shown },
    { request: `GET ${path}`, status: 200, headers: headersOf.read, answer: shown },
    { request: 'GET /liveEvents', status: 200, headers: headersOf.read, answer: { value: [shown] } },
    {
      request: `DELETE ${path}`,
      status: 202,
      headers: { ...headersOf.emptyDelete, ...accepted('liveevent', 'liveevents/show', 'delete', retryAfter) },
    },
    poll('liveevent', 'delete', noOne, { retryAfter, accept: null }),
    { request: `GET ${path}`, status: 404, headers: headersOf.absent, answer: channelAbsent },
  ],
  order: [['asked', 'created']],
};
