import type { Channel, ChannelRef, EventSpec, Output } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { nameOf } from '../naming.ts';

export const vendor = 'aws-ivs';

/** The ownership tag: which workflow a channel belongs to. */
export const workflowTag = 'showcaller-workflow';
/** The run that made a stream key: what an earlier run left lets no encoder in. */
export const runTag = 'showcaller-run';
/** When its creator asked for it, ISO 8601; decides which of several is kept. */
export const madeAtTag = 'showcaller-made-at';
/** The tag of a recording configuration of ours, which all events of one bucket and window share. */
export const recordingTag = 'showcaller-recording';

const rules = { forbidden: /[^A-Za-z0-9_-]/g, replacement: '-', maxLength: 128 };

export const refOf = (account: string, event: Pick<EventSpec, 'eventId' | 'workflowId'>): ChannelRef => ({
  vendor,
  account,
  name: nameOf(event.eventId, { ...rules, prefix: 'showcaller-' }),
  workflowId: event.workflowId,
});

/** Recording configurations cannot be changed, so what distinguishes them is in the name. */
export const recordingName = (bucket: string, reconnectWindowSeconds: number): string =>
  nameOf(`${bucket}-${reconnectWindowSeconds}s`, { ...rules, prefix: 'showcaller-recording-' });

/** `arn:aws:ivs:<region>:<account>:channel/<id>` taken apart. */
export function partsOfArn(arn: string): { account: string; id: string } {
  const [, , , , account = '', resource = ''] = arn.split(':');
  return { account, id: resource.slice(resource.indexOf('/') + 1) };
}

/** A text that an earlier step left in `details`. */
export function detail(of: Channel | Output, key: string): string {
  const value = of.details[key];
  if (typeof value === 'string') return value;
  throw new VendorError({
    vendor,
    operation: 'readDetails',
    kind: 'invalid-request',
    message: `the recorded details have no ${key}`,
    advice: 'Pass what allocate and createOutput returned, unchanged.',
  });
}
