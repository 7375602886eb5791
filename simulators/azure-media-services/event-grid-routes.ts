import type { SimResponse } from '../kit/types.ts';
import { empty, json, resourceId } from './answers.ts';
import { ArmError } from './errors.ts';
import type { Subscription } from './event-grid-delivery.ts';
import { isObject, type JsonObject, objectOf } from './fields.ts';
import type { Call, Route } from './routes.ts';

const path = 'providers/Microsoft.EventGrid/eventSubscriptions/:subscription';
/** documented(https://learn.microsoft.com/azure/event-grid/delivery-and-retry) */
const defaultAttempts = 30;
const defaultTtlMinutes = 1440;

/**
 * documented(https://learn.microsoft.com/rest/api/eventgrid/controlplane/event-subscriptions/create-or-update): event
 * subscriptions below the media account, web hooks only. `properties.rehearsal` is ours, and that one is made at once.
 */
export const eventGridRoutes: Route[] = [
  { operation: 'EventSubscriptions_CreateOrUpdate', method: 'PUT', path, handle: put },
  {
    operation: 'EventSubscriptions_Get',
    method: 'GET',
    path,
    handle: (call) => {
      const found = call.world.grid.subscription(call.params.subscription ?? '');
      if (!found) throw new ArmError('NotFound');
      return json(call, 200, show(call, found));
    },
  },
  {
    operation: 'EventSubscriptions_Delete',
    method: 'DELETE',
    path,
    handle: (call) => {
      call.world.grid.unsubscribe(call.params.subscription ?? '');
      return empty(200);
    },
  },
];

async function put(call: Call): Promise<SimResponse> {
  const subscription = subscriptionOf(call);
  const agreed = await call.world.grid.subscribe(subscription);
  if (!agreed) throw new ArmError('BadRequest', 'Webhook validation handshake failed for the endpoint.');
  return json(call, 201, show(call, subscription));
}

function subscriptionOf(call: Call): Subscription {
  const properties = objectOf(call.body().properties);
  const destination = objectOf(objectOf(properties.destination).properties);
  const { endpointUrl } = destination;
  if (typeof endpointUrl !== 'string' || !URL.canParse(endpointUrl)) {
    throw new ArmError('BadRequest', 'properties.destination.properties.endpointUrl must be a URL.');
  }
  const retry = objectOf(properties.retryPolicy);
  const secondMs = numberOr(objectOf(properties.rehearsal).secondMs, 1000 * call.world.account.options.slowness);
  return {
    name: call.params.subscription ?? '',
    endpointUrl,
    schema: properties.eventDeliverySchema === 'CloudEventSchemaV1_0' ? 'CloudEventSchemaV1_0' : 'EventGridSchema',
    maxEventsPerBatch: numberOr(destination.maxEventsPerBatch, 1),
    headers: headersOf(destination.deliveryAttributeMappings),
    maxAttempts: numberOr(retry.maxDeliveryAttempts, defaultAttempts),
    ttlMs: numberOr(retry.eventTimeToLiveInMinutes, defaultTtlMinutes) * 60 * secondMs,
    behaviour: { ...behaviourOf(objectOf(properties.rehearsal)), secondMs },
  };
}

const behaviourOf = ({ spelling, duplicates, shuffleOf }: JsonObject) => ({
  spelling: spelling === 'table' ? ('table' as const) : ('example' as const),
  duplicates: numberOr(duplicates, 0),
  shuffleOf: numberOr(shuffleOf, 1),
});

function headersOf(mappings: unknown): Record<string, string> {
  const all = Array.isArray(mappings) ? mappings.filter(isObject) : [];
  return Object.fromEntries(all.map(({ name, properties }) => [String(name), String(objectOf(properties).value)]));
}

const numberOr = (value: unknown, fallback: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : fallback;

/** The endpoint's query is a secret and not shown again. documented(https://learn.microsoft.com/azure/event-grid/security-authentication) */
function show(call: Call, { name, endpointUrl, schema, maxEventsPerBatch }: Subscription) {
  const endpointBaseUrl = endpointUrl.split('?', 1)[0];
  return {
    id: resourceId(call, `providers/Microsoft.EventGrid/eventSubscriptions/${name}`),
    name,
    type: 'Microsoft.EventGrid/eventSubscriptions',
    properties: {
      provisioningState: 'Succeeded',
      eventDeliverySchema: schema,
      destination: { endpointType: 'WebHook', properties: { endpointBaseUrl, maxEventsPerBatch } },
    },
  };
}
