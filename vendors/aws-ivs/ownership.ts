import type { ChannelRef } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { allOf, pageOf } from '../pages.ts';
import { madeAtTag, vendor, workflowTag } from './names.ts';
import type { ChannelSummary, Sdk } from './sdk.ts';

export interface NamedChannels {
  /** With the ownership tag of the asking workflow, the one to keep first. */
  own: ChannelSummary[];
  /** Of the same name, but foreign. */
  foreign: ChannelSummary[];
}

/** IVS names are not unique and its filter is not documented as exact: name and ownership tag are compared here. */
export async function channelsNamed(sdk: Sdk, ref: ChannelRef): Promise<NamedChannels> {
  const list = { vendor, operation: 'ListChannels', resource: ref.name };
  const listed = await allOf(list, async (cursor) => {
    const page = await sdk.listChannels({ filterByName: ref.name, maxResults: 100, nextToken: cursor });
    return pageOf(page.channels ?? [], page.nextToken);
  });
  const named = listed.filter((channel) => channel.name === ref.name);
  return {
    own: named.filter((channel) => isOwn(channel, ref)).sort(oldestFirst),
    foreign: named.filter((channel) => !isOwn(channel, ref)),
  };
}

/** By its ownership tag; without one it is ours when it is the channel whose ARN the run recorded. */
function isOwn({ arn, tags }: Pick<ChannelSummary, 'arn' | 'tags'>, ref: ChannelRef): boolean {
  const owner = tags?.[workflowTag];
  return owner ? owner === ref.workflowId : ref.id !== undefined && arn === ref.id;
}

/** Every worker that sees the same channels keeps the same one. */
function oldestFirst(a: ChannelSummary, b: ChannelSummary): number {
  const order = (channel: ChannelSummary) => `${channel.tags?.[madeAtTag] ?? ''} ${channel.arn}`;
  return order(a) < order(b) ? -1 : 1;
}

/** The channel, refused when it has a foreign ownership tag. */
export function requireOwn<T extends Pick<ChannelSummary, 'arn' | 'tags'>>(
  found: T | undefined,
  ref: ChannelRef,
  operation: string,
): T {
  if (found && isOwn(found, ref)) return found;
  throw new VendorError({
    vendor,
    operation,
    kind: 'conflict',
    resource: found?.arn ?? ref.id ?? ref.name,
    message: `channel ${ref.name} does not carry the ownership tag of ${ref.workflowId}; if it is this event's, it may be on air and is still billed`,
    advice: `It was left alone. Delete or rename it, or set its tag ${workflowTag} if it is this event's.`,
  });
}

/** The channel of an earlier step; one with a foreign ownership tag is refused. */
export const getOwn = async (sdk: Sdk, ref: ChannelRef, operation: string, arn: string) =>
  requireOwn(await sdk.getChannel(arn), ref, operation);
