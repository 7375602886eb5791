import { createHash } from 'node:crypto';
import type { ChannelRef } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { isEventKey, workflowIdOf } from '../../domain/ids.ts';
import type { NamedEvent } from '../driver.ts';
import { runSuffix, runSuffixOf } from '../naming.ts';

export const vendor = 'volcengine-live';

/*
 * A stream has no tags, so its name is the ownership tag: `sc-<event id>-<check>.<suffix of the run>`. The event id is written reversibly (a stream
 * name may hold letters, digits, `_`, `-` and `.`; `_`, `:`, `/` and `@` become `_5F`, `_3A`, `_2F` and `_40`), and the check, taken from the
 * workflow id, keeps a stream of someone else that merely starts with `sc-` from being taken for ours by the sweep. A push URL is
 * signed for the name and cannot be withdrawn, so the suffix makes the name the run's own; a stream that is pulled has none.
 */
export const namePrefix = 'sc-';
const checkLength = 6;
/** https://www.volcengine.com/docs/6469/1126845 */
const maxStreamName = 100;

const escaped = (eventId: string): string =>
  eventId.replace(/[_:/@]/g, (c) => `_${c.charCodeAt(0).toString(16).toUpperCase()}`);

const unescaped = (text: string): string =>
  text.replace(/_([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const checkOf = (workflowId: string): string =>
  createHash('sha256').update(workflowId).digest('hex').slice(0, checkLength);

const suffixRoom = runSuffixOf('').length + 1;

/** The stream name of a run, or of an event where no run is named. Throws `invalid-request` when it would be too long. */
export function streamNameOf({ eventId, run, kept }: Pick<NamedEvent, 'eventId' | 'run' | 'kept'>): string {
  const name = `${namePrefix}${escaped(eventId)}-${checkOf(workflowIdOf(eventId))}`;
  if (kept !== undefined && ownerOf(kept) === workflowIdOf(eventId)) return kept;
  if (name.length <= maxStreamName - suffixRoom) return run === undefined ? name : `${name}.${runSuffixOf(run)}`;
  throw new VendorError({
    kind: 'invalid-request',
    vendor,
    operation: 'nameStream',
    resource: eventId,
    message: nameProblem(eventId) ?? '',
    advice: 'use a shorter event id',
  });
}

/** Why no stream can be named after an event; undefined where one can. */
export function nameProblem(eventId: string): string | undefined {
  const room = maxStreamName - namePrefix.length - checkLength - 1 - suffixRoom;
  const { length } = escaped(eventId);
  if (length <= room) return undefined;
  return `takes ${length} characters in a stream name, where ${room} are left for it; each \`_\`, \`:\`, \`/\` or \`@\` counts for three`;
}

export const refOf = (account: string, event: NamedEvent): ChannelRef => ({
  vendor,
  account,
  name: streamNameOf(event),
  workflowId: event.workflowId,
});

const nameForm = new RegExp(`^${namePrefix}(.+)-([0-9a-f]{${checkLength}})(\\.${runSuffix})?$`);

/** The workflow id that a stream name carries; undefined for streams that are not ours. */
export function ownerOf(streamName: string): string | undefined {
  const match = nameForm.exec(streamName);
  if (!match?.[1]) return undefined;
  const eventId = unescaped(match[1]);
  if (!isEventKey(eventId)) return undefined;
  const workflowId = workflowIdOf(eventId);
  return checkOf(workflowId) === match[2] && escaped(eventId) === match[1] ? workflowId : undefined;
}

/** When a push address ends, epoch milliseconds, as the address itself says. https://www.volcengine.com/docs/6469/1126838 */
export function expiryIn(address: string): number | undefined {
  const seconds = Number(/[?&]volcTime=(\d+)/.exec(address)?.[1] ?? Number.NaN);
  return Number.isNaN(seconds) ? undefined : seconds * 1000;
}
