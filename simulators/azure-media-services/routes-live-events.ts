import { randomUUID } from 'node:crypto';
import type { SimResponse } from '../kit/types.ts';
import { asyncOperation, empty, found, json, operationHeaders, operationOf, page, resourceId } from './answers.ts';
import { ArmError } from './errors.ts';
import { isObject, type JsonObject, objectOf, preciseNow, tagsOf, textOf } from './fields.ts';
import type { LiveEvent, Operation } from './records.ts';
import { isSameRegion } from './regions.ts';
import { accountNotFound, type Call, type Route } from './routes.ts';
import { showEvent, showNewEvent } from './show-event.ts';
import { newToken } from './state.ts';

/** documented(https://learn.microsoft.com/rest/api/media/live-events/create) */
const namePattern = /^[a-zA-Z0-9]+(-*[a-zA-Z0-9])*$/;
const maxName = 32;
const protocols = ['RTMP', 'FragmentedMP4'];
const encodings = ['None', 'Standard', 'Premium1080p', 'PassthroughBasic', 'PassthroughStandard'];

export const liveEventRoutes: Route[] = [
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-events/list)
    operation: 'LiveEvents_List',
    method: 'GET',
    path: 'liveEvents',
    handle: (call) => page(call, 'liveevents', call.world.account.events.all(), (event) => showEvent(call, event)),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-events/get)
    operation: 'LiveEvents_Get',
    method: 'GET',
    path: 'liveEvents/:event',
    handle: (call) => json(call, 200, showEvent(call, eventOf(call))),
  },
  // documented(https://learn.microsoft.com/rest/api/media/live-events/create)
  { operation: 'LiveEvents_Create', method: 'PUT', path: 'liveEvents/:event', handle: put },
  // documented(https://learn.microsoft.com/rest/api/media/live-events/update)
  { operation: 'LiveEvents_Update', method: 'PATCH', path: 'liveEvents/:event', handle: patch },
  // documented(https://learn.microsoft.com/rest/api/media/live-events/delete)
  { operation: 'LiveEvents_Delete', method: 'DELETE', path: 'liveEvents/:event', handle: remove },
  action('Allocate', (call, event) => call.world.account.allocate(event)),
  action('Start', (call, event) => call.world.account.start(event)),
  action('Reset', (call, event) => call.world.account.reset(event)),
  action('Stop', (call, event) => {
    // Ravnur takes the flag and does nothing with it. documented(https://docs.ravnur.com/hc/en-us/articles/29079585804690)
    const removes = call.body().removeOutputsOnStop === true && call.world.behaviour.flavour === 'azure';
    return call.world.account.stop(event, removes);
  }),
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-events/async-operation)
    operation: 'LiveEvents_AsyncOperation',
    method: 'GET',
    path: 'liveEventOperations/:operation',
    handle: asyncOperation('liveevent'),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-events/operation-location)
    operation: 'LiveEvents_OperationLocation',
    method: 'GET',
    path: 'liveEvents/:event/operationLocations/:operation',
    handle: atLocation,
  },
];

/** 202 without a body. recorded(https://github.com/Azure/azure-cli#test_live_event_standby) */
function action(verb: string, run: (call: Call, event: LiveEvent) => Operation): Route {
  return {
    operation: `LiveEvents_${verb}`,
    method: 'POST',
    path: `liveEvents/:event/${verb.toLowerCase()}`,
    handle: (call) => empty(202, operationHeaders(call, run(call, eventOf(call)))),
  };
}

/** Its own words for absence. recorded(https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests) */
export const eventOf = ({ world, params }: Call): LiveEvent =>
  found(world.account.events, params.event, 'ResourceNotFound');

/** 201 with the resource in it. recorded(https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests) */
function put(call: Call): SimResponse {
  const { account } = call.world;
  const name = call.params.event ?? '';
  const given = call.body();
  const properties = objectOf(given.properties);
  assertEvent(call, name, given, properties);
  const existing = account.events.get(name);
  // On one that exists it is an update. documented(https://learn.microsoft.com/rest/api/media/live-events/create)
  if (existing) return update(call, existing, given, 200);
  const event = newEvent(call, name, given, properties);
  const shown = showNewEvent(call, event);
  const operation = account.createEvent(event, call.req.query.get('autoStart') === 'true');
  return json(call, 201, shown, operationHeaders(call, operation));
}

function newEvent({ world }: Call, name: string, given: JsonObject, properties: JsonObject): LiveEvent {
  const now = preciseNow();
  const { accountName } = world.account.options;
  const prefix = textOf(properties.hostnamePrefix) ?? name;
  return {
    name,
    targetId: randomUUID(),
    tags: tagsOf(given.tags),
    properties,
    accessToken: textOf(objectOf(properties.input).accessToken) ?? newToken(),
    previewLocator: textOf(objectOf(properties.preview).previewLocator) ?? randomUUID(),
    hostLabel: properties.useStaticHostname === true ? `${prefix}-${accountName}` : newToken(),
    state: 'Stopped',
    busy: false,
    wasUp: false,
    outputs: new Map(),
    created: now,
    lastModified: now,
    systemData: { createdAt: now, lastModifiedAt: now },
  };
}

function assertEvent({ world }: Call, name: string, given: JsonObject, properties: JsonObject): void {
  if (name.length > maxName || !namePattern.test(name)) {
    throw new ArmError('BadRequest', `The live event name '${name}' is not valid.`);
  }
  if (typeof given.location !== 'string') throw new ArmError('BadRequest', 'The location is required.');
  const { location, accountName, resourceGroup } = world.account.options;
  // documented(https://github.com/Azure-Samples/media-services-v3-node-tutorials)
  if (!isSameRegion(given.location, location)) throw accountNotFound(accountName, resourceGroup);
  const protocol = objectOf(properties.input).streamingProtocol;
  if (!protocols.includes(String(protocol))) throw new ArmError('BadRequest', 'input.streamingProtocol is not valid.');
  const type = objectOf(properties.encoding).encodingType;
  if (type !== undefined && !encodings.includes(String(type))) {
    throw new ArmError('BadRequest', 'encoding.encodingType is not valid.');
  }
}

/** What cannot be updated, by its path. documented(https://learn.microsoft.com/rest/api/media/live-events/update) */
const fixedMembers = [
  ['input', 'streamingProtocol'],
  ['input', 'accessToken'],
  ['preview', 'previewLocator'],
  ['preview', 'streamingPolicyName'],
  ['encoding', 'encodingType'],
] as const;

function assertImmutable(shown: JsonObject, properties: JsonObject): void {
  for (const [part, member] of fixedMembers) {
    const wanted = objectOf(properties[part])[member];
    const is = objectOf(objectOf(shown.properties)[part])[member];
    if (wanted !== undefined && wanted !== null && wanted !== is) {
      throw new ArmError('BadRequest', `${part}.${member} cannot change.`);
    }
  }
}

/** 202 with the resource, changed already. recorded(https://github.com/Azure/azure-cli#test_live_event_update) */
function patch(call: Call): SimResponse {
  return update(call, eventOf(call), call.body(), 202);
}

function update(call: Call, event: LiveEvent, given: JsonObject, status: 200 | 202): SimResponse {
  const properties = objectOf(given.properties);
  call.world.account.assertFree(event);
  assertImmutable(showEvent(call, event), properties);
  apply(event, given, properties);
  const { lastModified } = event;
  const operation = call.world.account.updateEvent(event);
  const shown = showEvent(call, { ...event, busy: true, lastModified });
  return json(call, status, shown, operationHeaders(call, operation));
}

/** Tags are replaced whole, properties one by one. documented(https://learn.microsoft.com/rest/api/media/live-events/update) */
function apply(event: LiveEvent, given: JsonObject, properties: JsonObject): void {
  if (given.tags !== undefined) event.tags = tagsOf(given.tags);
  const merged = { ...event.properties };
  for (const [key, value] of Object.entries(properties)) {
    merged[key] = isObject(value) ? { ...objectOf(merged[key]), ...value } : value;
  }
  event.properties = merged;
}

/** 204 when it did not exist. documented(https://learn.microsoft.com/rest/api/media/live-events/delete) */
function remove(call: Call): SimResponse {
  const { account } = call.world;
  const event = account.events.get(call.params.event ?? '');
  if (!event) return empty(204);
  return empty(202, operationHeaders(call, account.deleteEvent(event)));
}

/** The id ends in the operation, not in the resource. recorded(https://github.com/Azure/azure-cli#test_live_event_standby) */
function atLocation(call: Call): SimResponse {
  const operation = operationOf(call, 'liveevent');
  if (operation.status === 'InProgress') return empty(202, operationHeaders(call, operation));
  const event = call.world.account.events.get(call.params.event ?? '');
  if (!event) return empty(200);
  const id = resourceId(call, `${operation.resource}/operationlocations/${operation.id}`);
  return json(call, 200, { ...showEvent(call, event), id });
}
