import { fieldsOf } from '../json.ts';
import { beginningOf } from '../text.ts';

/** What the poller of an account keeps in its heartbeat, for what shows how fresh it is. Epoch milliseconds. */
export interface PollerRecord {
  /** When the vendor last answered for the account; absent before the first answer. */
  seenAt?: number;
  /** Why it does not answer, as the vendor's message, and since when; absent while it does. */
  failing?: FailingPoll;
  /** Channels that the vendor did not answer for, although it answered for others: at most fifty. */
  unseen?: UnseenChannel[];
}

export interface FailingPoll {
  since: number;
  reason: string;
}

export interface UnseenChannel extends FailingPoll {
  /** The key of the channel. */
  channel: string;
}

/** A heartbeat that grew without bound would be refused by Temporal. */
export const mostUnseen = 50;
const longestReason = 500;

/** A reason as a heartbeat may hold it. */
export const shortReason = (text: string): string => beginningOf(text, longestReason);

/** A heartbeat's details: of a poller of another version, or of none, they may be anything. */
export function pollerRecordOf(details: unknown): PollerRecord {
  const { seenAt, failing, unseen } = fieldsOf(details);
  const failed = failingOf(failing);
  const channels = (Array.isArray(unseen) ? unseen : []).flatMap((one) => {
    const { channel } = fieldsOf(one);
    const why = failingOf(one);
    return why && typeof channel === 'string' ? [{ channel, ...why }] : [];
  });
  return {
    ...(typeof seenAt === 'number' && { seenAt }),
    ...(failed && { failing: failed }),
    ...(channels.length > 0 && { unseen: channels }),
  };
}

function failingOf(value: unknown): FailingPoll | undefined {
  const { since, reason } = fieldsOf(value);
  return typeof since === 'number' && typeof reason === 'string' ? { since, reason } : undefined;
}
