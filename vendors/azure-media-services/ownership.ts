import type { ChannelRef } from '../../domain/channel.ts';
import { refusal } from './errors.ts';
import { ownershipTag } from './names.ts';
import type { LiveEvent } from './sdk.ts';

/** Whether the live event has the ownership tag of the reference's workflow. */
export const isOwn = ({ tags }: Pick<LiveEvent, 'tags'>, ref: ChannelRef): boolean =>
  tags?.[ownershipTag] === ref.workflowId;

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
    message: `a live event of this name exists and is not ours (its tag ${ownershipTag} differs)`,
    advice: 'delete or rename it, or choose another event id',
  });
}
