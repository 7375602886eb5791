import { isClosingDown } from './phases.ts';
import type { EventStatus } from './report.ts';

/**
 * What the vendor may bill still while a run that is over tries to release it, for people; undefined while the show is
 * on, when that is its purpose, and once nothing is left.
 */
export function stillBilled(status: EventStatus): string | undefined {
  const { released, left, phase, channel, stoppedAt, vendor, account } = status;
  if (released) return undefined;
  if (left) return `${left.id ?? left.name} at ${vendor} / ${account}: handed over, to be released by hand`;
  if (!isClosingDown(phase)) return undefined;
  if (!channel) return `what may have been made at ${vendor} / ${account}: it is not known to be gone`;
  const name = `${channel.ref.id ?? channel.ref.name} at ${vendor} / ${account}`;
  if (stoppedAt === undefined) return `${name}: not stopped yet, so it costs what a running channel costs`;
  return `${name}: stopped, not deleted yet`;
}

/** Since when it should not be billed any more: the beginning of the stop, epoch milliseconds; undefined before that. */
export const billedSince = ({ entered }: EventStatus): number | undefined =>
  entered.stopping ?? entered.failed ?? entered.cancelled ?? entered.completed;
