import { isObject, type JsonObject } from '../../domain/json.ts';
import type { VendorEventMessage, VendorEventRequest, VendorEventResult } from '../../domain/vendor-events/inbound.ts';
import type { VendorEvent } from '../../domain/vendor-events/vendor-event.ts';
import { liveRules } from './vendor-event-types.ts';

type Element = Readonly<Record<string, unknown>>;

const typePrefix = /^Microsoft\.Media\./i;
const subjectOfLiveEvent = /^\/?live-?events?\/([^/]+)/i;
const validationType = 'Microsoft.EventGrid.SubscriptionValidationEvent';
const maxCodeLength = 512;
const maxOriginLength = 253;

/**
 * Azure Event Grid, both of its schemas, distinguished by the fields of each element: one object or a list, whatever the
 * content type says. What cannot be read is passed over and never spoils the batch it came in.
 */
export function read(request: VendorEventRequest): VendorEventResult {
  if (request.method === 'OPTIONS') return allowOrigin(request.headers);
  const { body } = request;
  if (!isObject(body) && !Array.isArray(body)) return { kind: 'refused', status: 400, why: 'the body is no event' };
  const elements: unknown[] = Array.isArray(body) ? body : [body];
  for (const element of elements) {
    const validationResponse = codeOf(element);
    if (validationResponse !== undefined) return validated(validationResponse);
  }
  const messages = elements.flatMap((element) => messageOf(element, request.accounts) ?? []);
  return { kind: 'messages', messages, ignored: elements.length - messages.length };
}

/** https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection */
function allowOrigin(headers: VendorEventRequest['headers']): VendorEventResult {
  const origin = headers['webhook-request-origin'];
  if (origin === undefined || origin.length > maxOriginLength || !/^[A-Za-z0-9.*:/_-]+$/.test(origin)) {
    return { kind: 'refused', status: 400, why: 'OPTIONS without a WebHook-Request-Origin asks for nothing' };
  }
  return {
    kind: 'handshake',
    status: 200,
    headers: {
      allow: 'POST',
      'webhook-allowed-origin': origin,
      ...(headers['webhook-request-rate'] !== undefined && { 'webhook-allowed-rate': '*' }),
    },
  };
}

/** The code of a validation event. Its `validationUrl` is not asked: any sender could make us fetch any address. */
function codeOf(element: unknown): string | undefined {
  if (!isObject(element) || (element.eventType ?? element.type) !== validationType) return undefined;
  const code = isObject(element.data) ? element.data.validationCode : undefined;
  return typeof code === 'string' && code !== '' && code.length <= maxCodeLength ? code : undefined;
}

/** Only a 200 counts here. */
const validated = (validationResponse: string): VendorEventResult => ({
  kind: 'handshake',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: { validationResponse },
});

/** A message of an account that is not configured here is not for us, whatever its live event is called. */
function messageOf(element: unknown, accounts: VendorEventRequest['accounts']): VendorEventMessage | undefined {
  if (!isObject(element)) return undefined;
  const { type, source, id, subject, time, data } = envelopeOf(element);
  const channel = typeof subject === 'string' ? subjectOfLiveEvent.exec(subject)?.[1] : undefined;
  const at = instantOf(time);
  if (typeof type !== 'string' || typeof source !== 'string' || typeof id !== 'string') return undefined;
  if (!typePrefix.test(type) || channel === undefined || at === undefined) return undefined;
  // One page of the documentation calls one of them …HeartbeatEvent.
  const name = type.replace(typePrefix, '').replace(/(?<=Heartbeat)Event$/, '');
  const rule = Object.hasOwn(liveRules, name) ? liveRules[name] : undefined;
  if (!rule) return undefined;
  const account = accounts.find(({ settings }) => topicOf(settings) === source.toLowerCase())?.name;
  if (account === undefined && accounts.length > 0) return undefined;
  const about = isObject(data) ? data : {};
  const looks = rule.recheck?.(about) === true;
  const vendorEvent: VendorEvent = {
    id,
    // Written with and without a capital S.
    source: source.toLowerCase(),
    type: name,
    at,
    facts: present(rule.facts(about)),
    ...(!looks && { evidenceOnly: true }),
  };
  return {
    channel,
    vendorEvent,
    ...(account !== undefined && { account }),
    ...(rule.report && { report: rule.report(about) }),
  };
}

/** The topic of an account: its resource id, which Azure writes with and without capitals. */
function topicOf({ subscriptionId, resourceGroup, accountName }: Readonly<Record<string, string>>): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  return `${group}/providers/Microsoft.Media/mediaServices/${accountName}`.toLowerCase();
}

/** The CloudEvents names of what the Event Grid schema calls otherwise. */
function envelopeOf(element: Element): Record<'type' | 'source' | 'id' | 'subject' | 'time' | 'data', unknown> {
  const { id, subject, data } = element;
  const isCloudEvent = element.specversion !== undefined;
  const type = isCloudEvent ? element.type : element.eventType;
  const source = isCloudEvent ? element.source : element.topic;
  return { type, source, id, subject, data, time: isCloudEvent ? element.time : element.eventTime };
}

/** Six or seven digits of a second, and sometimes no `Z`: it is UTC all the same. */
function instantOf(time: unknown): number | undefined {
  if (typeof time !== 'string') return undefined;
  const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** Without what was not sent, or is neither text, number nor boolean. */
function present(facts: Readonly<Record<string, unknown>>): JsonObject {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === 'string' && value !== '') kept[name] = value;
    if (typeof value === 'number' || typeof value === 'boolean') kept[name] = value;
  }
  return kept;
}
