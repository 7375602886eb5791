import type { ChannelRef } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { eventKeyOf } from '../../domain/ids.ts';
import { ownerOf, vendor } from './names.ts';

/** Refused where the name of the stream says that another workflow owns it. */
export function requireOwn({ name, workflowId }: ChannelRef, operation: string): void {
  const owner = ownerOf(name);
  if (owner === workflowId) return;
  const eventId = owner && eventKeyOf(owner);
  throw new VendorError({
    kind: 'conflict',
    vendor,
    operation,
    resource: name,
    message: `the stream name belongs to ${owner ?? 'no workflow of ours'}, not to ${workflowId}`,
    advice: eventId ? `run event ${eventId} as workflow ${owner}` : 'use another event id',
  });
}
