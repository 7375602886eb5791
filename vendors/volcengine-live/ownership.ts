import type { Channel, ChannelRef } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { eventKeyOf } from '../../domain/ids.ts';
import { ownerOf, vendor } from './names.ts';

/** Whether the stream that a reference names is the reference's own. */
export const isOwn = (ref: ChannelRef): boolean => ownerOf(ref.name) === ref.workflowId;

/** Why a run may not use a stream: its name says that another workflow owns it. */
export const ownedByAnother = (operation: string, stream: string, workflowId: string): VendorError => {
  const owner = ownerOf(stream);
  const eventId = owner && eventKeyOf(owner);
  return new VendorError({
    kind: 'conflict',
    vendor,
    operation,
    resource: stream,
    message: `the stream name belongs to ${owner ?? 'no workflow of ours'}, not to ${workflowId}`,
    advice: eventId ? `run event ${eventId} as workflow ${owner}` : 'use another event id',
  });
};

/** The stream name of a channel, refused when another workflow owns it. */
export function requireOwn({ ref }: Channel, operation: string): string {
  if (!isOwn(ref)) throw ownedByAnother(operation, ref.name, ref.workflowId);
  return ref.name;
}
