import { createHash } from 'node:crypto';
import type { ChannelRef, EventSpec } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { isEventKey, workflowIdOf } from '../../domain/ids.ts';

export const vendor = 'volcengine-live';

/*
 * A stream has no tags, so its name is the ownership tag: `sc-<event id>-<check>`. The event id is written reversibly (a stream
 * name may hold letters, digits, `_`, `-` and `.`; `_`, `:` and `/` become `_5F`, `_3A` and `_2F`), and the check, taken from the
 * workflow id, keeps a stream of someone else that merely starts with `sc-` from being taken for ours by the sweep.
 */
export const namePrefix = 'sc-';
const checkLength = 6;
/** https://www.volcengine.com/docs/6469/1126845 */
const maxStreamName = 100;

const escaped = (eventId: string): string =>
  eventId.replace(/[_:/]/g, (c) => `_${c.charCodeAt(0).toString(16).toUpperCase()}`);

const unescaped = (text: string): string =>
  text.replace(/_([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const checkOf = (workflowId: string): string =>
  createHash('sha256').update(workflowId).digest('hex').slice(0, checkLength);

/** The one stream name of an event id. Throws `invalid-request` when it would be longer than a stream name may be. */
export function streamNameOf(eventId: string): string {
  const name = `${namePrefix}${escaped(eventId)}-${checkOf(workflowIdOf(eventId))}`;
  if (name.length <= maxStreamName) return name;
  const room = maxStreamName - namePrefix.length - checkLength - 1;
  throw new VendorError({
    kind: 'invalid-request',
    vendor,
    operation: 'nameStream',
    resource: eventId,
    message: `the event id takes ${escaped(eventId).length} characters in a stream name, where ${room} are left for it`,
    advice: `use an event id of at most ${room} characters; each \`_\`, \`:\` or \`/\` counts for three`,
  });
}

export const refOf = (account: string, event: Pick<EventSpec, 'eventId' | 'workflowId'>): ChannelRef => ({
  vendor,
  account,
  name: streamNameOf(event.eventId),
  workflowId: event.workflowId,
});

/** The workflow id that a stream name carries; undefined for streams that are not ours. */
export function ownerOf(streamName: string): string | undefined {
  const match = /^sc-(.+)-([0-9a-f]{6})$/.exec(streamName);
  if (!match?.[1]) return undefined;
  const eventId = unescaped(match[1]);
  if (!isEventKey(eventId)) return undefined;
  const workflowId = workflowIdOf(eventId);
  return checkOf(workflowId) === match[2] && escaped(eventId) === match[1] ? workflowId : undefined;
}
