import type { Channel, ChannelRef, EventSpec, Output } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { nameOf } from '../naming.ts';
import type { ChannelSummary, Sdk } from './sdk.ts';

export const vendor = 'aws-ivs';

/** The ownership tag: which workflow a channel belongs to. */
export const workflowTag = 'showcaller-workflow';
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

export interface NamedChannels {
  /** With the ownership tag of the asking workflow, the one to keep first. */
  own: ChannelSummary[];
  /** Of the same name, but foreign. */
  foreign: ChannelSummary[];
}

/** IVS names are not unique and its filter is not documented as exact: name and ownership tag are compared here. */
export async function channelsNamed(sdk: Sdk, ref: ChannelRef): Promise<NamedChannels> {
  const named: ChannelSummary[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sdk.listChannels({ filterByName: ref.name, maxResults: 100, nextToken });
    named.push(...(page.channels ?? []).filter((channel) => channel.name === ref.name));
    nextToken = page.nextToken;
  } while (nextToken);
  return {
    own: named.filter((channel) => isOwn(channel, ref)).sort(oldestFirst),
    foreign: named.filter((channel) => !isOwn(channel, ref)),
  };
}

export const isOwn = (channel: Pick<ChannelSummary, 'tags'>, ref: ChannelRef): boolean =>
  channel.tags?.[workflowTag] === ref.workflowId;

/** Every worker that sees the same channels keeps the same one. */
function oldestFirst(a: ChannelSummary, b: ChannelSummary): number {
  const order = (channel: ChannelSummary) => `${channel.tags?.[madeAtTag] ?? ''} ${channel.arn}`;
  return order(a) < order(b) ? -1 : 1;
}

/** The refusal to touch a channel with a foreign ownership tag. */
export const foreignChannel = (operation: string, ref: ChannelRef, arn: string | undefined): VendorError =>
  new VendorError({
    vendor,
    operation,
    kind: 'conflict',
    resource: arn ?? ref.name,
    message: `a channel named ${ref.name} does not carry the ownership tag of ${ref.workflowId}`,
    advice: `It was left alone. Delete or rename it, or set its tag ${workflowTag} if it is this event's.`,
  });
