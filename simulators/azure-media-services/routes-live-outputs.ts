import { randomUUID } from 'node:crypto';
import type { SimResponse } from '../kit/types.ts';
import {
  asyncOperation,
  empty,
  found,
  hasApiVersion,
  json,
  operationHeaders,
  operationOf,
  page,
  resourceId,
  systemDataOf,
} from './answers.ts';
import { ArmError } from './errors.ts';
import { armTime, durationMs, type JsonObject, objectOf, preciseNow, textOf } from './fields.ts';
import type { LiveEvent, LiveOutput } from './records.ts';
import type { Call, Route } from './routes.ts';
import { eventOf } from './routes-live-events.ts';

/** documented(https://learn.microsoft.com/rest/api/media/live-outputs/create) */
const namePattern = /^([a-zA-Z0-9])+(-*[a-zA-Z0-9])*$/;
const maxName = 256;
const minuteMs = 60_000;
/** documented(https://learn.microsoft.com/azure/media-services/latest/limits-quotas-constraints-reference) */
const longestArchiveMs = 25 * 60 * minuteMs;

const path = 'liveEvents/:event/liveOutputs';

export const liveOutputRoutes: Route[] = [
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-outputs/list)
    operation: 'LiveOutputs_List',
    method: 'GET',
    path,
    handle: (call) => {
      const event = eventOf(call);
      const all = [...event.outputs.values()];
      return page(call, `liveevents/${event.name}/liveoutputs`, all, (output) => show(call, event, output));
    },
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-outputs/get)
    operation: 'LiveOutputs_Get',
    method: 'GET',
    path: `${path}/:output`,
    handle: (call) => json(call, 200, show(call, eventOf(call), outputOf(call))),
  },
  // documented(https://learn.microsoft.com/rest/api/media/live-outputs/create)
  { operation: 'LiveOutputs_Create', method: 'PUT', path: `${path}/:output`, handle: put },
  // documented(https://learn.microsoft.com/rest/api/media/live-outputs/delete)
  { operation: 'LiveOutputs_Delete', method: 'DELETE', path: `${path}/:output`, handle: remove },
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-outputs/async-operation)
    operation: 'LiveOutputs_AsyncOperation',
    method: 'GET',
    path: 'liveOutputOperations/:operation',
    handle: asyncOperation('liveoutput'),
  },
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-outputs/operation-location)
    operation: 'LiveOutputs_OperationLocation',
    method: 'GET',
    path: `${path}/:output/operationLocations/:operation`,
    handle: (call) => {
      const operation = operationOf(call, 'liveoutput');
      if (operation.status === 'InProgress') return empty(202, operationHeaders(call, operation));
      return json(call, 200, show(call, eventOf(call), outputOf(call)));
    },
  },
];

/** The words are those of an absent live event. recorded(https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests) */
const outputOf = (call: Call): LiveOutput =>
  found(eventOf(call).outputs, call.params.output?.toLowerCase(), 'ResourceNotFound');

/**
 * A long operation before 2022-08-01, an answer at once since then.
 * recorded(https://github.com/Azure/azure-cli#test_live_event_stop_and_remove_outputs),
 * recorded(https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests)
 */
function put(call: Call): SimResponse {
  const event = eventOf(call);
  const name = call.params.output ?? '';
  const properties = objectOf(call.body().properties);
  const assetName = String(properties.assetName ?? '');
  const existing = event.outputs.get(name.toLowerCase());
  if (existing) {
    // Live outputs cannot be updated; the same one again is answered as it is: assumed.
    if (existing.assetName.toLowerCase() !== assetName.toLowerCase()) throw new ArmError('Conflict');
    return json(call, 200, show(call, event, existing));
  }
  assertOutput(call, name, assetName, properties);
  const now = preciseNow();
  const output: LiveOutput = {
    name,
    assetName,
    manifestName: textOf(properties.manifestName) ?? randomUUID(),
    properties,
    state: 'Creating',
    created: now,
    lastModified: now,
    systemData: { createdAt: now, lastModifiedAt: now },
  };
  const shown = show(call, event, output);
  const operation = call.world.account.createOutput(event, output);
  if (hasApiVersion(call, '2022-08-01')) return json(call, 200, shown);
  return json(call, 201, shown, operationHeaders(call, operation));
}

function assertOutput({ world }: Call, name: string, assetName: string, properties: JsonObject): void {
  if (name.length > maxName || !namePattern.test(name)) {
    throw new ArmError('BadRequest', `The live output name '${name}' is not valid.`);
  }
  const asset = world.account.assets.get(assetName);
  if (!asset) throw new ArmError('BadRequest', `The asset '${assetName}' does not exist.`);
  // Two outputs may share an empty one. recorded(https://github.com/Azure/azure-cli#test_live_event_stop_and_remove_outputs)
  if (asset.archive && asset.archive.fragments.length > 0) {
    throw new ArmError('BadRequest', `The asset '${assetName}' holds the recording of another live output.`);
  }
  const windowMs = durationMs(properties.archiveWindowLength);
  if (windowMs === undefined || windowMs < minuteMs || windowMs > longestArchiveMs) {
    throw new ArmError('BadRequest', 'archiveWindowLength must be between 1 minute and 25 hours.');
  }
}

/** 204 when it did not exist. documented(https://learn.microsoft.com/rest/api/media/live-outputs/delete) */
function remove({ world, params }: Call): SimResponse {
  const event = world.account.events.get(params.event ?? '');
  const output = event?.outputs.get((params.output ?? '').toLowerCase());
  if (!event || !output) return empty(204);
  world.account.deleteOutput(event, output);
  return empty(200);
}

/** recorded(https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests) */
const show = (call: Call, event: LiveEvent, output: LiveOutput): JsonObject => ({
  name: output.name,
  id: resourceId(call, `liveevents/${event.name}/liveoutputs/${output.name}`),
  type: 'Microsoft.Media/mediaservices/liveevents/liveoutputs',
  properties: {
    description: output.properties.description ?? null,
    assetName: output.assetName,
    archiveWindowLength: output.properties.archiveWindowLength,
    manifestName: output.manifestName,
    outputSnapTime: output.properties.outputSnapTime ?? 0,
    resourceState: output.state,
    provisioningState: output.state === 'Creating' ? 'InProgress' : 'Succeeded',
    created: armTime(output.created),
    lastModified: armTime(output.lastModified),
    hls: output.properties.hls ?? null,
    // From 2022-08-01 on. recorded(https://github.com/Azure/azure-cli#test_live_event_stop_and_remove_outputs)
    ...(hasApiVersion(call, '2022-08-01') && { rewindWindowLength: output.properties.rewindWindowLength ?? null }),
  },
  systemData: systemDataOf(call, output.systemData),
});
