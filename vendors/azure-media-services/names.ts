import { createHash } from 'node:crypto';
import type { ChannelRef, EventSpec } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { isEventKey } from '../../domain/ids.ts';
import { nameOf } from '../naming.ts';

export const vendor = 'azure-media-services';

/** The tag on a live event that holds the id of the workflow that owns it. */
export const ownershipTag = 'showcaller-workflow';
/** The tag that holds the run that made it: what another run of the workflow left is not taken over. */
export const runTag = 'showcaller-run';

/** https://learn.microsoft.com/rest/api/media/live-events/create: at most 32, letters, digits, inner dashes. */
const rules = { forbidden: /[^A-Za-z0-9-]/g, replacement: '-', maxLength: 32, prefix: 'sc-' };

/** Never part of an event id, so that appending it makes `nameOf` add its hash. */
const forcesHash = '~';

/**
 * The name of an event's channel. Azure compares names without case and refuses a dash at the end: ids with either get
 * the hash that keeps them apart.
 */
export function channelNameOf(eventId: string): string {
  if (!isEventKey(eventId)) {
    throw new VendorError({
      kind: 'invalid-request',
      vendor,
      operation: 'refOf',
      message: `no channel name can be made of the event id ${JSON.stringify(eventId)}`,
      advice: 'use letters, digits and . _ : - and at most 100 characters',
    });
  }
  return nameOf(/[A-Z]|-$/.test(eventId) ? eventId + forcesHash : eventId, rules);
}

export const refOf = (account: string, event: Pick<EventSpec, 'eventId' | 'workflowId'>): ChannelRef => ({
  vendor,
  account,
  name: channelNameOf(event.eventId),
  workflowId: event.workflowId,
});

/** A live output ends when the live event is reset; each new one records into a part, an asset, of its own. */
export const outputNameOf = (part: number): string => `part-${part}`;

/** `_` cannot be in a channel name, so the parts of one event are never another event's asset. */
export const assetNameOf = (channelName: string, part: number): string => `${channelName}_${part}`;

/** Fixed, so that the playback path is known before anything is recorded. */
export const manifestName = 'show';

/** The locator id we choose, so that a create whose answer was lost finds its own locator again. */
export function locatorIdOf(accountId: string, workflowId: string, assetName: string): string {
  const hex = createHash('sha256').update(`${accountId}\n${workflowId}\n${assetName}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex.slice(16, 17), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
