import { createHash, timingSafeEqual } from 'node:crypto';
import { isObject, type JsonObject } from '../../domain/json.ts';
import type { VendorEventMessage, VendorEventRequest, VendorEventResult } from '../../domain/vendor-events/inbound.ts';
import { ownerOf } from './names.ts';

type Fields = Readonly<Record<string, unknown>>;

/** `t` is documented as an instant some ten minutes ahead, and seen as the instant of sending. */
const signValidMs = 10 * 60_000;
const clockToleranceMs = 60_000;

/** The fields that the status keeps, by their names there. Not `fp_user_url`, which is the signed push URL. */
const kept: Readonly<Record<string, string>> = {
  event: 'event_type',
  domain: 'domain',
  app: 'app',
  transcoded: 'transcoded',
  priority: 'priority',
  backups: 'backup_count',
  nodeIp: 'fp_node_ip',
  clientIp: 'fp_client_ip',
};

/**
 * https://www.volcengine.com/docs/6469/1126932: one event as an object, in older messages below `data`. Its signature
 * covers a key and an instant but not what is said, so that a third party who sees one can forge others for some minutes.
 */
export function read(request: VendorEventRequest): VendorEventResult {
  if (request.method !== 'POST') return { kind: 'refused', status: 405, why: 'callbacks come by POST' };
  const { body } = request;
  if (!isObject(body)) return { kind: 'refused', status: 400, why: 'the body is no callback' };
  const fields = isObject(body.data) ? body.data : body;
  const { accounts, receivedAt } = request;
  const believing = believingAccounts(fields, accounts, receivedAt);
  const account = believing.find(({ settings }) => isOf(settings, fields));
  const isForged = !account && accounts.some((one) => !believing.includes(one) && isOf(one.settings, fields));
  if (isForged || (accounts.length > 0 && believing.length === 0)) {
    return { kind: 'refused', status: 403, why: 'the callback is not signed with the key of its account, or long ago' };
  }
  const message = account || accounts.length === 0 ? messageOf(fields, account?.name) : undefined;
  return { kind: 'messages', messages: message ? [message] : [], ignored: message ? 0 : 1 };
}

/** The accounts whose key signed the callback, then those without a key. All keys are tried, so that the time does not reveal which matched. */
function believingAccounts(fields: Fields, accounts: VendorEventRequest['accounts'], now: number) {
  const signers = accounts.filter(({ settings: { callbackKey } }) => callbackKey && isSigned(fields, callbackKey, now));
  return [...signers, ...accounts.filter(({ settings: { callbackKey } }) => !callbackKey)];
}

/** `sign` is md5(key + t), t in Unix seconds. */
function isSigned({ sign, t }: Fields, key: string, now: number): boolean {
  if (typeof sign !== 'string' || (typeof t !== 'string' && typeof t !== 'number')) return false;
  if (!/^\d{1,12}$/.test(String(t)) || Math.abs(Number(t) * 1000 - now) > signValidMs + clockToleranceMs) return false;
  const given = createHash('sha256').update(sign.toLowerCase()).digest();
  const expected = createHash('md5').update(`${key}${t}`).digest('hex');
  return timingSafeEqual(createHash('sha256').update(expected).digest(), given);
}

/** A stream whose name is not our ownership tag is not ours. */
function messageOf(fields: Fields, account: string | undefined): VendorEventMessage | undefined {
  const { event_type: type, stream, domain, vhost, session_id: session, sequence_id: sequence } = fields;
  if (typeof type !== 'string' || type === '' || typeof stream !== 'string' || !ownerOf(stream)) return undefined;
  const at = instantOf(fields);
  if (at === undefined) return undefined;
  const source = [domain, vhost].find((name) => typeof name === 'string' && name !== '') ?? 'volcengine-live';
  const ofPush = type.startsWith('push') && Number(scalar(fields.transcoded) ?? 0) === 0;
  const vendorEvent = {
    id: [type, stream, scalar(session) ?? at, scalar(sequence) ?? ''].join('/'),
    source: String(source),
    type,
    at,
    facts: factsOf(fields),
    ...(!ofPush && { evidenceOnly: true as const }),
  };
  return { channel: stream, vendorEvent, ...(account !== undefined && { account }) };
}

/** What the message says of its place must be the account's; older messages say less. */
function isOf({ vhost, pushDomain, app }: Readonly<Record<string, string>>, fields: Fields): boolean {
  const agrees = (said: unknown, ...known: (string | undefined)[]) =>
    said === undefined || said === '' || known.includes(String(said));
  return agrees(fields.vhost, vhost) && agrees(fields.domain, pushDomain, vhost) && agrees(fields.app, app);
}

function instantOf({ time_ms, time }: Fields): number | undefined {
  const at = Number(scalar(time_ms) ?? Number(scalar(time)) * 1000);
  return Number.isFinite(at) && at > 0 ? at : undefined;
}

function factsOf(fields: Fields): JsonObject {
  const facts: JsonObject = {};
  for (const [name, theirs] of Object.entries(kept)) {
    const value = scalar(fields[theirs]);
    if (value !== undefined) facts[name] = value;
  }
  return facts;
}

const scalar = (value: unknown): string | number | undefined =>
  typeof value === 'string' || typeof value === 'number' ? value : undefined;
