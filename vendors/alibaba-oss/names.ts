import type { ChannelRef } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import type { NamedEvent } from '../driver.ts';
import { type NameRules, nameOf, runSuffix, runSuffixOf } from '../naming.ts';

export const vendor = 'alibaba-oss';

/**
 * A channel name follows the rules of object names and holds no slash. Dots are replaced too: the SDK takes what
 * follows one for a file extension and sends a content type. Of the 128 characters that we use the suffix of a run needs 7.
 */
const rules: NameRules = { forbidden: /[^A-Za-z0-9_-]/g, replacement: '-', maxLength: 121, prefix: 'showcaller-' };
export const namePrefix = rules.prefix;

const tagPrefix = 'showcaller/';
/** https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel */
const descriptionMaxBytes = 128;

/** A publish URL is signed for the name of a channel, and OSS cannot withdraw it: the name is the run's own. */
function channelNameOf({ eventId, run, kept }: NamedEvent): string {
  const name = nameOf(eventId, rules);
  if (kept?.startsWith(name) && ofRun.test(kept.slice(name.length))) return kept;
  return run === undefined ? name : `${name}_${runSuffixOf(run)}`;
}

const ofRun = new RegExp(`^(_${runSuffix})?$`);

/** What we write into the description of a channel so that it is known to be ours. */
export const ownershipTagOf = (workflowId: string): string => `${tagPrefix}${workflowId}`;

/** The workflow id in a description; undefined for a channel that is not ours. */
export const ownerIn = (description: string): string | undefined =>
  description.startsWith(tagPrefix) && description.length > tagPrefix.length
    ? description.slice(tagPrefix.length)
    : undefined;

/** Throws `invalid-request` when the event id is empty or our ownership tag would not fit into the description. */
export function refOf(account: string, event: NamedEvent): ChannelRef {
  const refuse = (message: string, advice: string): never => {
    throw new VendorError({ kind: 'invalid-request', vendor, operation: 'PutLiveChannel', message, advice });
  };
  if (event.eventId === '') refuse('the event id is empty', 'give the event an id');
  if (Buffer.byteLength(ownershipTagOf(event.workflowId)) > descriptionMaxBytes) {
    refuse(
      `a channel description holds ${descriptionMaxBytes} bytes, too few for our ownership tag with this workflow id`,
      'use a shorter event id',
    );
  }
  return { vendor, account, name: channelNameOf(event), workflowId: event.workflowId };
}
