import { earlierText } from './legs/failing.ts';
import { isClosingDown } from './phases.ts';
import type { EventStatus, LegStatus } from './report.ts';

/** What one run may leave billed: that of the event, or that of one of its legs. */
export interface StillBilled {
  leg?: string;
  message: string;
  /** Since when it should not be billed any more, epoch milliseconds; absent while that is not known. */
  since: number | undefined;
  /** Its run works on the release: what its status says of that; absent where nothing more is to be expected of a run. */
  closing?: EventStatus;
}

/**
 * What the vendor may bill still while a run that is over tries to release it; nothing while the show is on, when that is
 * its purpose, and once nothing is left. Of an event with legs, what is so of each.
 */
export const stillBilledOf = (status: EventStatus): StillBilled[] =>
  status.legs ? status.legs.flatMap(ofLeg) : ofRun(status);

/** The same, for people; undefined where nothing is. */
export function stillBilled(status: EventStatus): string | undefined {
  const texts = stillBilledOf(status).map(stillBilledText);
  return texts.length > 0 ? texts.join('; ') : undefined;
}

export const stillBilledText = ({ leg, message }: StillBilled): string =>
  leg === undefined ? message : `leg ${leg}: ${message}`;

function ofRun(status: EventStatus): StillBilled[] {
  const { released, left, leftBefore, phase, stoppedAt } = status;
  if (released) return [];
  const since = billedSince(status);
  if (leftBefore !== undefined) return [{ message: leftBefore, since }];
  if (left) {
    const name = `${left.id ?? left.name} at ${status.vendor} / ${status.account}`;
    return [{ message: `${name}: handed over, to be released by hand`, since }];
  }
  if (!isClosingDown(phase)) return [];
  const how = !status.channel
    ? 'it is not known to be gone'
    : stoppedAt === undefined
      ? 'not stopped yet, so it costs what a running channel costs'
      : 'stopped, not deleted yet';
  return [{ message: `${whatOf(status)}: ${how}`, since, closing: status }];
}

function ofLeg(leg: LegStatus): StillBilled[] {
  const { name, vendor, account, status, endedAt, lost, earlierSince: since } = leg;
  const earlier = earlierText(leg);
  if (earlier !== undefined) return [{ leg: name, message: `${vendor} / ${account}: ${earlier}`, since }];
  if (!status || status.released) return [];
  if (endedAt === undefined || status.left) return ofRun(status).map((one) => ({ leg: name, ...one }));
  const why = lost ?? 'its run ended and did not say that it was released';
  return [{ leg: name, message: `${whatOf(status)}: ${why}`, since: endedAt }];
}

function whatOf({ channel, vendor, account }: EventStatus): string {
  const name = channel ? (channel.ref.id ?? channel.ref.name) : 'what may have been made';
  return `${name} at ${vendor} / ${account}`;
}

/** The beginning of the stop. */
const billedSince = ({ entered }: EventStatus): number | undefined =>
  entered.stopping ?? entered.failed ?? entered.cancelled ?? entered.completed;
