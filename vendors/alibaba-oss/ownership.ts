import type { ChannelRef } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { isChannelAbsent } from './errors.ts';
import { ownerIn, ownershipTagOf, vendor } from './names.ts';
import type { ChannelConfig, Sdk } from './sdk.ts';

/** Whether the channel has the ownership tag of the reference's workflow. */
const isOwn = ({ description }: Pick<ChannelConfig, 'description'>, ref: ChannelRef): boolean =>
  ownerIn(description) === ref.workflowId;

/** Undefined only when OSS says that there is no such channel. */
export async function find(sdk: Sdk, name: string): Promise<ChannelConfig | undefined> {
  try {
    return await sdk.getChannel(name);
  } catch (error) {
    if (isChannelAbsent(error)) return undefined;
    throw error;
  }
}

/** The channel, refused when it lacks our ownership tag. */
export async function getOwn(sdk: Sdk, ref: ChannelRef, operation: string): Promise<ChannelConfig> {
  const config = await sdk.getChannel(ref.name);
  requireOwn(config, ref, operation);
  return config;
}

export function requireOwn({ description }: ChannelConfig, ref: ChannelRef, operation: string): void {
  if (isOwn({ description }, ref)) return;
  throw new VendorError({
    kind: 'conflict',
    vendor,
    operation,
    resource: ref.name,
    message: `the channel exists without our ownership tag: its description is ${JSON.stringify(description)}; if it is this event's, it may be on air and its traffic is still billed`,
    advice: `give it the description ${ownershipTagOf(ref.workflowId)} if it is this event's; else use another event id, or delete it`,
  });
}
