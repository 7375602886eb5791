import { resourceId, systemDataOf } from './answers.ts';
import { armTime, type JsonObject, listOf, objectOf } from './fields.ts';
import type { LiveEvent } from './records.ts';
import { displayName } from './regions.ts';
import type { Call } from './routes.ts';

/** The request came in this long before the resource was made: its own answer shows that, the next one does not. */
const requestLeadMs = 15.625;

/**
 * A live event as the service shows it: every member is there, in this order, with `""` or null for what was not given.
 * recorded(https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests)
 */
export const showEvent = (call: Call, event: LiveEvent): JsonObject => show(call, event, hasEndpoints(event));

/**
 * The answer to the request that makes it: stopped and without endpoints, also when it is to start by itself.
 * recorded(https://github.com/Azure/azure-cli#test_live_event_create)
 */
export function showNewEvent(call: Call, event: LiveEvent): JsonObject {
  const requested = event.created - requestLeadMs;
  const asked: LiveEvent = { ...event, state: 'Stopped', busy: true, created: requested, lastModified: requested };
  return show(call, asked, false);
}

/**
 * From StandBy on; with a static host name they stay when the event is stopped.
 * recorded(https://github.com/Azure/azure-cli#test_live_event_standby),
 * recorded(https://github.com/Azure/azure-cli#test_live_event_create)
 */
function hasEndpoints({ state, properties, wasUp }: LiveEvent): boolean {
  if (state === 'Stopped' || state === 'Deleting') return properties.useStaticHostname === true && wasUp;
  return state !== 'Allocating';
}

const show = (call: Call, event: LiveEvent, endpoints: boolean): JsonObject => ({
  name: event.name,
  id: resourceId(call, `liveevents/${event.name}`),
  type: 'Microsoft.Media/mediaservices/liveevents',
  location: displayName(call.world.account.options.location),
  tags: event.tags,
  properties: {
    description: event.properties.description ?? '',
    resourceState: event.state,
    provisioningState: event.busy ? 'InProgress' : 'Succeeded',
    created: armTime(event.created),
    lastModified: armTime(event.lastModified),
    useStaticHostname: event.properties.useStaticHostname === true,
    streamOptions: listOf(event.properties.streamOptions),
    input: inputOf(event, endpoints ? call.world.media.ingestEndpoints(event) : []),
    preview: previewOf(event, endpoints ? [previewEndpoint(call, event)] : []),
    encoding: encodingOf(objectOf(event.properties.encoding)),
    crossSiteAccessPolicies: policiesOf(objectOf(event.properties.crossSiteAccessPolicies)),
    hostnamePrefix: event.properties.hostnamePrefix ?? null,
    transcriptions: listOf(event.properties.transcriptions).map(transcriptionOf),
  },
  systemData: systemDataOf(call, event.systemData),
});

function inputOf({ properties, accessToken }: LiveEvent, endpoints: JsonObject[]): JsonObject {
  const { keyFrameIntervalDuration, streamingProtocol, accessControl } = objectOf(properties.input);
  return {
    keyFrameIntervalDuration: keyFrameIntervalDuration ?? '',
    streamingProtocol,
    accessToken,
    endpoints,
    accessControl: accessOf(accessControl),
  };
}

function previewOf({ properties, previewLocator }: LiveEvent, endpoints: JsonObject[]): JsonObject {
  const { streamingPolicyName, alternativeMediaId, accessControl } = objectOf(properties.preview);
  return {
    previewLocator,
    streamingPolicyName: streamingPolicyName ?? 'Predefined_ClearStreamingOnly',
    alternativeMediaId: alternativeMediaId ?? null,
    accessControl: accessOf(accessControl),
    endpoints,
  };
}

const previewEndpoint = ({ world }: Call, { previewLocator }: LiveEvent): JsonObject => ({
  protocol: 'FragmentedMP4',
  url: `${world.baseUrl()}/${previewLocator}/preview.ism/manifest`,
});

function accessOf(given: unknown): JsonObject | null {
  const { allow } = objectOf(objectOf(given).ip);
  if (!Array.isArray(allow)) return null;
  const ranges = allow.map(objectOf).map(({ name, address, subnetPrefixLength }) => ({
    name: name ?? null,
    address: address ?? null,
    subnetPrefixLength: subnetPrefixLength ?? null,
  }));
  return { ip: { allow: ranges } };
}

/** What only an encoding live event has is null on the others. recorded(https://github.com/Azure/azure-cli#test_live_event_update) */
function encodingOf({ encodingType = 'None', presetName, stretchMode, keyFrameInterval }: JsonObject): JsonObject {
  const preset = { Standard: 'default720p', Premium1080p: 'default1080p' }[String(encodingType)];
  if (preset === undefined) return { encodingType, presetName: null, stretchMode: null, keyFrameInterval: null };
  return {
    encodingType,
    presetName: presetName ?? preset,
    stretchMode: stretchMode ?? 'AutoSize',
    keyFrameInterval: keyFrameInterval ?? 'PT2S',
  };
}

const policiesOf = ({ clientAccessPolicy, crossDomainPolicy }: JsonObject): JsonObject => ({
  clientAccessPolicy: clientAccessPolicy ?? null,
  crossDomainPolicy: crossDomainPolicy ?? null,
});

function transcriptionOf(given: unknown): JsonObject {
  const { language, inputTrackSelection, outputTranscriptionTrack } = objectOf(given);
  return {
    language: language ?? null,
    inputTrackSelection: listOf(inputTrackSelection),
    outputTranscriptionTrack: outputTranscriptionTrack ?? null,
  };
}
