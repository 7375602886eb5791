import { isObject, type JsonObject } from '../../domain/json.ts';
import type {
  VendorEventAccount,
  VendorEventMessage,
  VendorEventRequest,
  VendorEventResult,
} from '../../domain/vendor-events/inbound.ts';

type Fields = Readonly<Record<string, unknown>>;

const channelArn = /^(?=.{1,128}$)arn:aws:ivs:([a-z0-9-]+):([0-9]+):channel\/[A-Za-z0-9-]+$/;

/** https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html: what says that an encoder came or went. */
const ofPresence: ReadonlySet<string> = new Set(['IVS Stream State Change', 'IVS Stream Health Change']);

/** The fields of `detail` that the status keeps, by their names there. */
const kept: Readonly<Record<string, string>> = {
  event: 'event_name',
  streamId: 'stream_id',
  reason: 'reason',
  code: 'code',
  limit: 'limit_name',
  limitValue: 'limit_value',
  limitUnit: 'limit_unit',
  exceededBy: 'exceeded_by',
  recording: 'recording_status',
  recordingReason: 'recording_status_reason',
  recordingBucket: 'recording_s3_bucket_name',
  recordingPrefix: 'recording_s3_key_prefix',
  recordingMs: 'recording_duration_ms',
};

/**
 * EventBridge events of IVS: as an API destination posts them, as a rule puts them into a queue, or wrapped by SNS.
 * None of them is signed.
 */
export function read({ method, body, accounts }: VendorEventRequest): VendorEventResult {
  if (method !== 'POST') return { kind: 'refused', status: 405, why: 'events come by POST' };
  const event = unwrapped(body);
  if (!isObject(event)) return { kind: 'refused', status: 400, why: 'the body is no event' };
  const message = messageOf(event);
  if (!message) return { kind: 'messages', messages: [], ignored: 1 };
  if (accounts.length === 0) return { kind: 'messages', messages: [message], ignored: 0 };
  const [, region = '', number = ''] = channelArn.exec(message.channel) ?? [];
  // Two accounts may be different keys of one AWS account.
  const owners = accounts.filter(({ settings }) => isIn(settings, region, number));
  if (owners.length === 0)
    return { kind: 'messages', messages: [], ignored: 1, foreign: `AWS account ${number} in ${region}` };
  return { kind: 'messages', messages: owners.map(({ name }) => ({ ...message, account: name })), ignored: 0 };
}

const isIn = (settings: VendorEventAccount['settings'], region: string, number: string): boolean =>
  settings.region === region && (!settings.accountNumber || settings.accountNumber === number);

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
function unwrapped(body: unknown): unknown {
  if (!isObject(body) || body.Type !== 'Notification' || typeof body.Message !== 'string') return body;
  try {
    return JSON.parse(body.Message);
  } catch {
    return undefined;
  }
}

/** The channel stands in `resources` and nowhere else. A limit of the whole account has none. */
function messageOf(event: Fields): VendorEventMessage | undefined {
  const { source, id, time, resources, detail } = event;
  const type = event['detail-type'];
  const channel: unknown = Array.isArray(resources) ? resources[0] : undefined;
  if (source !== 'aws.ivs' || typeof id !== 'string' || typeof type !== 'string') return undefined;
  if (typeof channel !== 'string' || !channelArn.test(channel) || typeof time !== 'string') return undefined;
  const at = Date.parse(time);
  if (Number.isNaN(at)) return undefined;
  const facts = factsOf(isObject(detail) ? detail : {});
  const vendorEvent = { id, source, type, at, facts, ...(!ofPresence.has(type) && { evidenceOnly: true as const }) };
  return { channel, vendorEvent };
}

function factsOf(detail: Fields): JsonObject {
  const facts: JsonObject = {};
  for (const [name, theirs] of Object.entries(kept)) {
    const value = detail[theirs];
    if (typeof value === 'string' || typeof value === 'number') facts[name] = value;
  }
  return facts;
}
