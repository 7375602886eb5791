import type { ChannelRef } from '../../domain/channel.ts';
import { refusal } from './errors.ts';
import { ownershipTag } from './names.ts';
import type { LiveEvent } from './sdk.ts';

/**
 * By its ownership tag; without one, which people and policies wipe, it is ours when it is the one that the run saw made.
 */
function isOwn({ tags, created }: LiveEvent, ref: ChannelRef): boolean {
  const owner = tags?.[ownershipTag];
  return owner ? owner === ref.workflowId : ref.madeAt !== undefined && ref.madeAt === created?.toISOString();
}

/**
 * The live event; undefined when it is gone. A name belongs to one live event at a time, so one that was made at another
 * instant took the place of ours. One that contradicts our ownership is refused: it may be ours, and then it costs.
 */
export function ownOrGone(event: LiveEvent | undefined, ref: ChannelRef): LiveEvent | undefined {
  if (!event || isOwn(event, ref)) return event;
  const madeAt = event.created?.toISOString();
  if (ref.madeAt !== undefined && madeAt !== undefined && madeAt !== ref.madeAt) return undefined;
  return requireOwn(event, ref, 'LiveEvents_Get');
}

/** The live event, refused when it is gone or lacks our ownership tag. */
export function requireOwn(event: LiveEvent | undefined, ref: ChannelRef, operation: string): LiveEvent {
  if (!event) {
    throw refusal({
      kind: 'not-found',
      operation,
      resource: ref.name,
      message: 'the live event is gone',
      advice: 'someone else deleted it; the run cannot go on with it',
    });
  }
  if (isOwn(event, ref)) return event;
  throw refusal({
    kind: 'conflict',
    operation,
    resource: ref.name,
    message: `a live event of this name exists and is not known as ours: its tag ${ownershipTag} is ${JSON.stringify(event.tags?.[ownershipTag] ?? null)}, not ${ref.workflowId}; if it is this event's, it may be on air and is still billed`,
    advice: `set its tag ${ownershipTag} to ${ref.workflowId} if it is this event's; else delete it, or choose another event id`,
  });
}
