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
import { eventPath, type JsonObject, type LiveEvent, type LiveOutput, newToken, type Operation } from './state.ts';
import { durationMs, isObject, objectOf, tagsOf } from './values.ts';

/** documented(https://learn.microsoft.com/rest/api/media/live-events/create) */
const namePattern = /^[a-zA-Z0-9]+(-*[a-zA-Z0-9])*$/;
const maxEventName = 32;
const maxOutputName = 256;
const protocols = ['RTMP', 'FragmentedMP4'];
const encodings = ['None', 'Standard', 'Premium1080p', 'PassthroughBasic', 'PassthroughStandard'];
const minuteMs = 60_000;
const longestArchiveMs = 25 * 60 * minuteMs;

export const liveRoutes: Route[] = [
  {
    operation: 'LiveEvents_List',
    method: 'GET',
    path: 'liveEvents',
    handle: (call) => page(call, 'liveevents', call.world.account.events.all(), (event) => showEvent(call, event)),
  },
  {
    operation: 'LiveEvents_Get',
    method: 'GET',
    path: 'liveEvents/:event',
    handle: (call) => json(200, showEvent(call, eventOf(call))),
  },
  { operation: 'LiveEvents_Create', method: 'PUT', path: 'liveEvents/:event', handle: putEvent },
  { operation: 'LiveEvents_Update', method: 'PATCH', path: 'liveEvents/:event', handle: patchEvent },
  { operation: 'LiveEvents_Delete', method: 'DELETE', path: 'liveEvents/:event', handle: deleteEvent },
  action('Allocate', (call, event) => call.world.account.allocate(event)),
  action('Start', (call, event) => call.world.account.start(event)),
  action('Reset', (call, event) => call.world.account.reset(event)),
  action('Stop', (call, event) => {
    // documented(https://docs.ravnur.com): Ravnur takes the flag and does nothing with it.
    const removes = call.body().removeOutputsOnStop === true && call.world.behaviour.flavour === 'azure';
    return call.world.account.stop(event, removes);
  }),
  {
    operation: 'LiveEvents_AsyncOperation',
    method: 'GET',
    path: 'liveEventOperations/:operation',
    handle: asyncOperation,
  },
  {
    operation: 'LiveEvents_OperationLocation',
    method: 'GET',
    path: 'liveEvents/:event/operationLocations/:operation',
    handle: eventAtLocation,
  },
  {
    operation: 'LiveOutputs_List',
    method: 'GET',
    path: 'liveEvents/:event/liveOutputs',
    handle: (call) => {
      const event = eventOf(call);
      const path = `${eventPath(event)}/liveoutputs`;
      return page(call, path, [...event.outputs.values()], (output) => showOutput(call, event, output));
    },
  },
  {
    operation: 'LiveOutputs_Get',
    method: 'GET',
    path: 'liveEvents/:event/liveOutputs/:output',
    handle: (call) => json(200, showOutput(call, eventOf(call), outputOf(call))),
  },
  { operation: 'LiveOutputs_Create', method: 'PUT', path: 'liveEvents/:event/liveOutputs/:output', handle: putOutput },
  {
    operation: 'LiveOutputs_Delete',
    method: 'DELETE',
    path: 'liveEvents/:event/liveOutputs/:output',
    handle: (call) => {
      const event = call.world.account.events.get(call.params.event ?? '');
      const output = event?.outputs.get((call.params.output ?? '').toLowerCase());
      if (!event || !output) return empty(204);
      call.world.account.deleteOutput(event, output);
      return empty(200);
    },
  },
  {
    operation: 'LiveOutputs_AsyncOperation',
    method: 'GET',
    path: 'liveOutputOperations/:operation',
    handle: asyncOperation,
  },
  {
    operation: 'LiveOutputs_OperationLocation',
    method: 'GET',
    path: 'liveEvents/:event/liveOutputs/:output/operationLocations/:operation',
    handle: (call) => {
      if (operationOf(call).status === 'InProgress') return empty(202);
      return json(200, showOutput(call, eventOf(call), outputOf(call)));
    },
  },
];

/** 202 without a body: recorded(Azure/azure-cli, test_live_event_start). */
function action(verb: string, run: (call: Call, event: LiveEvent) => Operation): Route {
  return {
    operation: `LiveEvents_${verb}`,
    method: 'POST',
    path: `liveEvents/:event/${verb.toLowerCase()}`,
    handle: (call) => empty(202, operationHeaders(call, 'liveevent', run(call, eventOf(call)))),
  };
}

export function eventOf({ world, params }: Call): LiveEvent {
  const event = world.account.events.get(params.event ?? '');
  if (!event) throw new ArmError('NotFound');
  return event;
}

function outputOf(call: Call): LiveOutput {
  const output = eventOf(call).outputs.get((call.params.output ?? '').toLowerCase());
  if (!output) throw new ArmError('NotFound');
  return output;
}

/** 201 with the resource already in it: recorded(Azure/azure-cli, test_live_event_create). */
function putEvent(call: Call): SimResponse {
  const { account } = call.world;
  const name = call.params.event ?? '';
  const given = call.body();
  const properties = objectOf(given.properties);
  assertEvent(name, given, properties);
  const existing = account.events.get(name);
  if (existing) {
    account.assertFree(existing);
    assertImmutable(existing, properties);
    applyUpdate(existing, given, properties);
    return json(200, showEvent(call, existing));
  }
  const event = newEvent(name, given, properties);
  const operation = account.createEvent(event, call.req.query.get('autoStart') === 'true');
  return json(201, showEvent(call, event), operationHeaders(call, 'liveevent', operation));
}

function newEvent(name: string, given: JsonObject, properties: JsonObject): LiveEvent {
  const input = objectOf(properties.input);
  const encoding = objectOf(properties.encoding);
  const type = encoding.encodingType ?? 'PassthroughStandard';
  const encodes = type === 'Standard' || type === 'Premium1080p';
  const now = Date.now();
  return {
    name,
    location: String(given.location),
    tags: tagsOf(given.tags),
    // Defaults: recorded(Azure/azure-cli, test_live_event_create).
    properties: {
      ...properties,
      encoding: {
        encodingType: type,
        ...(encodes && { presetName: type === 'Standard' ? 'default720p' : 'default1080p', keyFrameInterval: 'PT2S' }),
        stretchMode: 'AutoSize',
        ...encoding,
      },
    },
    accessToken: typeof input.accessToken === 'string' ? input.accessToken : newToken(),
    keepsToken: typeof input.accessToken === 'string',
    previewLocator: String(objectOf(properties.preview).previewLocator ?? randomUUID()),
    state: 'Stopped',
    busy: false,
    outputs: new Map(),
    created: now,
    lastModified: now,
  };
}

function assertEvent(name: string, given: JsonObject, properties: JsonObject): void {
  if (name.length > maxEventName || !namePattern.test(name)) {
    throw new ArmError('BadRequest', `The live event name '${name}' is not valid.`);
  }
  if (typeof given.location !== 'string') throw new ArmError('BadRequest', 'The location is required.');
  const protocol = objectOf(properties.input).streamingProtocol;
  if (!protocols.includes(String(protocol))) throw new ArmError('BadRequest', 'input.streamingProtocol is not valid.');
  const type = objectOf(properties.encoding).encodingType;
  if (type !== undefined && !encodings.includes(String(type))) {
    throw new ArmError('BadRequest', 'encoding.encodingType is not valid.');
  }
}

function assertImmutable(event: LiveEvent, properties: JsonObject): void {
  const was = objectOf(event.properties.input).streamingProtocol;
  const wanted = objectOf(properties.input).streamingProtocol;
  if (wanted !== undefined && wanted !== was)
    throw new ArmError('BadRequest', 'input.streamingProtocol cannot change.');
  const type = objectOf(properties.encoding).encodingType;
  if (type !== undefined && type !== objectOf(event.properties.encoding).encodingType) {
    throw new ArmError('BadRequest', 'encoding.encodingType cannot change.');
  }
}

/** Tags are replaced whole, properties one by one. documented(https://learn.microsoft.com/rest/api/media/live-events/update) */
function applyUpdate(event: LiveEvent, given: JsonObject, properties: JsonObject): void {
  if (given.tags !== undefined) event.tags = tagsOf(given.tags);
  const merged = { ...event.properties };
  for (const [key, value] of Object.entries(properties)) {
    merged[key] = isObject(value) ? { ...objectOf(merged[key]), ...value } : value;
  }
  event.properties = merged;
  event.lastModified = Date.now();
}

function patchEvent(call: Call): SimResponse {
  const event = eventOf(call);
  const given = call.body();
  const properties = objectOf(given.properties);
  call.world.account.assertFree(event);
  assertImmutable(event, properties);
  applyUpdate(event, given, properties);
  return json(200, showEvent(call, event));
}

/** 204 when it did not exist: documented(https://learn.microsoft.com/rest/api/media/live-events/delete). */
function deleteEvent(call: Call): SimResponse {
  const { account } = call.world;
  const event = account.events.get(call.params.event ?? '');
  if (!event) return empty(204);
  return empty(202, operationHeaders(call, 'liveevent', account.deleteEvent(event)));
}

/** The id ends in the operation, not in the resource: recorded(Azure/azure-cli). */
function eventAtLocation(call: Call): SimResponse {
  const operation = operationOf(call);
  if (operation.status === 'InProgress') return empty(202);
  const event = call.world.account.events.get(call.params.event ?? '');
  if (!event) return empty(200);
  const id = resourceId(call, `${eventPath(event)}/operationlocations/${operation.id}`);
  return json(200, { ...showEvent(call, event), id });
}

function putOutput(call: Call): SimResponse {
  const { account } = call.world;
  const event = eventOf(call);
  const name = call.params.output ?? '';
  const properties = objectOf(call.body().properties);
  const assetName = String(properties.assetName ?? '');
  const existing = event.outputs.get(name.toLowerCase());
  if (existing) {
    // Live outputs cannot be updated; the same one again is answered as it is (assumed).
    if (existing.assetName.toLowerCase() !== assetName.toLowerCase()) throw new ArmError('Conflict');
    return json(200, showOutput(call, event, existing));
  }
  assertOutput(call, name, assetName, properties);
  const now = Date.now();
  const output: LiveOutput = { name, assetName, properties, state: 'Creating', created: now, lastModified: now };
  const operation = account.createOutput(event, output);
  return json(201, showOutput(call, event, output), operationHeaders(call, 'liveoutput', operation));
}

function assertOutput({ world }: Call, name: string, assetName: string, properties: JsonObject): void {
  if (name.length > maxOutputName || !namePattern.test(name)) {
    throw new ArmError('BadRequest', `The live output name '${name}' is not valid.`);
  }
  const asset = world.account.assets.get(assetName);
  if (!asset) throw new ArmError('BadRequest', `The asset '${assetName}' does not exist.`);
  if (asset.archive && asset.archive.fragments.length > 0) {
    throw new ArmError('BadRequest', `The asset '${assetName}' holds the recording of another live output.`);
  }
  const windowMs = durationMs(properties.archiveWindowLength);
  if (windowMs === undefined || windowMs < minuteMs || windowMs > longestArchiveMs) {
    throw new ArmError('BadRequest', 'archiveWindowLength must be between 1 minute and 25 hours.');
  }
}

function showEvent(call: Call, event: LiveEvent): JsonObject {
  const { properties } = event;
  const ready = event.state !== 'Stopped' && event.state !== 'Allocating' && event.state !== 'Deleting';
  return {
    name: event.name,
    id: resourceId(call, `liveevents/${event.name}`),
    type: 'Microsoft.Media/mediaservices/liveevents',
    location: event.location,
    tags: event.tags,
    properties: {
      ...properties,
      input: {
        ...objectOf(properties.input),
        accessToken: event.accessToken,
        endpoints: ready ? [{ protocol: 'RTMP', url: call.world.media.ingestUrl(event) }] : [],
      },
      preview: {
        streamingPolicyName: 'Predefined_ClearStreamingOnly',
        ...objectOf(properties.preview),
        previewLocator: event.previewLocator,
        endpoints: ready
          ? [{ protocol: 'FragmentedMP4', url: `${call.world.baseUrl()}/${event.previewLocator}/preview.ism/manifest` }]
          : [],
      },
      provisioningState: event.busy ? 'InProgress' : 'Succeeded',
      resourceState: event.state,
      useStaticHostname: properties.useStaticHostname === true,
      streamOptions: properties.streamOptions ?? [],
      transcriptions: properties.transcriptions ?? [],
      created: new Date(event.created).toISOString(),
      lastModified: new Date(event.lastModified).toISOString(),
    },
  };
}

const showOutput = (call: Call, event: LiveEvent, output: LiveOutput): JsonObject => ({
  name: output.name,
  id: resourceId(call, `liveevents/${event.name}/liveoutputs/${output.name}`),
  type: 'Microsoft.Media/mediaservices/liveevents/liveoutputs',
  properties: {
    manifestName: output.name,
    outputSnapTime: 0,
    ...output.properties,
    provisioningState: output.state === 'Creating' ? 'InProgress' : 'Succeeded',
    resourceState: output.state,
    created: new Date(output.created).toISOString(),
    lastModified: new Date(output.lastModified).toISOString(),
  },
});
