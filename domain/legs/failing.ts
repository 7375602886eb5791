import type { OnAir } from '../on-air.ts';
import { type EndReason, isBeforeStop } from '../phases.ts';
import type { PreparedLeg } from '../plan.ts';
import type { EventStatus, LegStatus } from '../report.ts';
import { formatInstant } from '../time.ts';
import { runs } from './leg.ts';

/** Why a leg does not carry the show, from an instant on that may still come. Epoch milliseconds. */
export interface FailingLeg {
  /** From then on it counts as failed, unless it is well again before. */
  at: number;
  /** Since when what is wrong has lasted. */
  since: number;
  reason: string;
}

export interface Failover {
  startsAt: number;
  darkMs: number;
}

/** Ends of a leg that an operator or the plan wanted. */
const meant: readonly EndReason[] = ['reached-end', 'stopped-by-operator', 'max-duration', 'cancelled', 'vod-unproved'];

/**
 * What is wrong with a leg that has begun: a step that failed, a vendor that does not answer in time, viewers who get
 * nothing. Undefined while all is well, and for a leg that ended as it was meant to.
 */
export function failingOf(leg: LegStatus, plan: PreparedLeg, failover: Failover): FailingLeg | undefined {
  const { status, begunAt, endedAt, lost } = leg;
  if (begunAt === undefined) return undefined;
  if (lost !== undefined) return { at: endedAt ?? begunAt, since: endedAt ?? begunAt, reason: lost };
  if (status?.endReason !== undefined) return endOf(status, status.endReason);
  if (endedAt !== undefined) return { at: endedAt, since: endedAt, reason: unreportedText(leg) };
  return status && status.startsAt > 0 ? stepOf(status, plan, failover) : unprepared(leg, begunAt, plan, failover);
}

/** Its channel is made: it waits for its cue, and its vendor for nothing. */
export const waitsToStart = (leg: LegStatus): boolean =>
  runs(leg) && leg.status?.phase === 'allocating' && leg.status.channel !== undefined;

function endOf({ entered, endDetail }: EventStatus, endReason: EndReason): FailingLeg | undefined {
  if (meant.includes(endReason)) return undefined;
  const since = entered.stopping ?? entered['cleaning-up'] ?? entered.failed ?? entered.completed ?? 0;
  return { at: since, since, reason: `${endReason}: ${endDetail ?? ''}` };
}

/** A vendor or a worker that does not answer while the plan is being checked; or the leg has another run, which does not end. */
function unprepared(
  leg: LegStatus,
  begunAt: number,
  { warmUpMs }: PreparedLeg,
  { startsAt, darkMs }: Failover,
): FailingLeg {
  const since = Math.max(begunAt, startsAt - warmUpMs);
  return { at: since + darkMs, since, reason: unpreparedText(leg) };
}

/** Why a leg that has not reported yet does not carry the show. */
export const unpreparedText = (leg: LegStatus): string => earlierText(leg) ?? 'its plan could not be checked in time';

const unreportedText = (leg: LegStatus): string => earlierText(leg) ?? 'its run ended without a report';

/** Why the leg has no run of its own yet; undefined where it has, or none of before is in the way. */
export const earlierText = ({ name, earlierSince }: LegStatus): string | undefined =>
  earlierSince === undefined
    ? undefined
    : `its run of before the event was reset or started again goes on, may be on air, and is billed until it ends; to end it, stop EVENT@${name}`;

function stepOf(status: EventStatus, plan: PreparedLeg, { startsAt, darkMs }: Failover): FailingLeg | undefined {
  const { phase, entered, onAir, windows } = status;
  const { warmUpMs, startLeadMs } = plan;
  const since = entered[phase] ?? 0;
  // Half of the lead, so that another leg can be ready when the show starts; a leg that begins late gets `darkMs`.
  const late = (leadMs: number, latest: number, what: string): FailingLeg => ({
    at: Math.max(since + darkMs, Math.min(latest, since + leadMs / 2)),
    since,
    reason: `${what} since ${formatInstant(since)}`,
  });
  const dark = (from: number, what: string): FailingLeg => {
    const begin = Math.max(startsAt, from);
    return { at: begin + darkMs, since: begin, reason: `${what} since ${formatInstant(from)}` };
  };
  switch (phase) {
    case 'allocating':
      return late(warmUpMs - startLeadMs, startsAt - startLeadMs, 'the vendor has not made its channel');
    case 'starting':
      return late(startLeadMs, startsAt, 'the vendor has not opened its channel');
    case 'creating-output':
      return late(startLeadMs, startsAt, 'the vendor does not record it');
    case 'waiting-for-encoder':
      return onAir?.state === 'on-air' ? undefined : dark(since, 'no encoder is connected');
    case 'encoder-lost':
      return dark(windows.at(-1)?.to ?? since, 'the encoder is lost');
    case 'live':
      return isOff(onAir)
        ? dark(
            lastPicture(status, onAir),
            `viewers get nothing (${onAir.state}${onAir.reason ? `: ${onAir.reason}` : ''})`,
          )
        : undefined;
    default:
      return undefined;
  }
}

/** `unknown` is no failure: a stream that could not be looked at may be well. */
const isOff = (onAir: OnAir | undefined): onAir is OnAir =>
  onAir?.state === 'dark' || onAir?.state === 'frozen' || onAir?.state === 'gone';

const lastPicture = ({ viewed }: EventStatus, onAir: OnAir): number =>
  onAir.state === 'dark' ? onAir.since : Math.min(onAir.since, viewed?.at(-1)?.to ?? onAir.since);

/** A leg that viewers can be sent to. */
export const isReady = ({ status, failed }: LegStatus): boolean =>
  failed === undefined && status?.phase === 'live' && !isOff(status.onAir);

/** A leg that an operator may send viewers to. */
export const canBeOnAir = ({ status }: LegStatus): boolean => isBeforeStop(status?.phase);

/** Why viewers are sent to another leg than this one. */
export function whyOffAir({ name, failed }: LegStatus, isStillOn: boolean): string {
  if (failed) return failed.reason;
  return isStillOn ? `it stands before leg ${name} in the plan` : `leg ${name} has ended`;
}
