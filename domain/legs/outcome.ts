import { completes, type EndReason, isOver, type Phase, phases } from '../phases.ts';
import type { PreparedLeg, Require } from '../plan.ts';
import type { LegStatus } from '../report.ts';
import { runs } from './leg.ts';
import { bestLeg, isProved } from './recording.ts';

const rank = (phase: Phase): number => phases.indexOf(phase);

/**
 * The phase of an event with legs: that of the leg that has come furthest among those whose show goes on; when none has, of
 * the one that has most still to do. An event that was live and has no leg that is live now has lost its picture.
 */
export function phaseOf(legs: readonly LegStatus[], current: Phase): Phase {
  const running = legs.flatMap((leg) => (runs(leg) && leg.status ? [leg.status.phase] : []));
  const on = running.filter((phase) => rank(phase) < rank('stopping'));
  if (on.includes('live')) return 'live';
  if (on.length > 0) {
    if (rank(current) < rank('live')) return furthest([current, ...on]);
    return current === 'live' || on.includes('encoder-lost') ? 'encoder-lost' : current;
  }
  const closing = running.filter((phase) => !isOver(phase));
  return closing.length === 0
    ? current
    : furthest([current, closing.reduce((a, b) => (rank(a) <= rank(b) ? a : b), 'cleaning-up' as Phase)]);
}

const furthest = (list: readonly Phase[]): Phase =>
  list.reduce((a, b) => (rank(a) >= rank(b) ? a : b), 'scheduled' as Phase);

export interface Outcome {
  reason: EndReason;
  detail: string;
}

/**
 * The legs that ended well without the recording that their plan promises: the stop came before their encoder. Where no leg has
 * sent anything, there was nothing to record.
 */
export function unrecordedLegs(legs: readonly LegStatus[], plans: readonly PreparedLeg[]): string[] {
  const isPublished = ({ name }: LegStatus) => plans.find((one) => one.name === name)?.plan.vod?.publish !== false;
  const isDiscarded = ({ status }: LegStatus) =>
    status?.audit.some(({ action, details }) => action === 'stopNow' && details?.keepRecording === false);
  const isGood = ({ status }: LegStatus) => status?.endReason !== undefined && completes(status.endReason);
  if (!legs.some(({ status }) => status && status.windows.length > 0)) return [];
  const lacking = legs.filter((leg) => isGood(leg) && isPublished(leg) && !isDiscarded(leg) && !isProved(leg));
  return lacking.map(({ name }) => name);
}

/**
 * How an event ended whose legs have all ended. Every leg that did not do its part is named.
 *
 * @param last the leg that was on air at the end: it carried the show there, though another may have recorded more of it
 * @param unrecorded the legs whose recording is missing, however their runs ended
 */
export function outcomeOf(
  legs: readonly LegStatus[],
  require: Require,
  last?: string,
  unrecorded: readonly string[] = [],
): Outcome {
  const begun = legs.filter(({ begunAt }) => begunAt !== undefined);
  const isUnrecorded = ({ name }: LegStatus) => unrecorded.includes(name);
  const best =
    bestLeg(begun.filter((leg) => leg.name === last && didItsPart(leg))) ??
    bestLeg(begun.filter((leg) => !isUnrecorded(leg))) ??
    bestLeg(begun);
  const reasonOf = (leg: LegStatus): EndReason | undefined => {
    if (leg.lost !== undefined) return undefined;
    // A run that is cancelled before its plan is checked has nothing to report.
    return isUnrecorded(leg) ? 'vod-unproved' : (leg.status?.endReason ?? 'cancelled');
  };
  const bad = begun.filter((leg) => {
    const reason = reasonOf(leg);
    return reason === undefined || !completes(reason);
  });
  const words = bad.map((leg) => `${legText(leg)}${isUnrecorded(leg) ? ', without a recording' : ''}`).join('; ');
  const reasons = begun.map(reasonOf).filter((one) => one !== undefined);
  // The event ends as that leg did; without one, as the first that says how it ended.
  const reason = (best && reasonOf(best)) ?? reasons[0] ?? 'allocation-failed';
  if (!best || begun.length === bad.length) return { reason, detail: `no leg did its part: ${words}` };
  const bestDetail = `leg ${best.name} (${best.vendor}): ${best.status.endDetail ?? reason}`;
  if (bad.length === 0) return { reason, detail: bestDetail };
  if (require === 'any') return { reason, detail: `${bestDetail}; failed: ${words}` };
  const worst = bad.map(reasonOf).find((one) => one !== undefined) ?? 'vod-unproved';
  return { reason: worst, detail: `the plan requires the recordings of all legs: ${words}` };
}

const didItsPart = (leg: LegStatus): boolean =>
  leg.lost === undefined && isProved(leg) && completes(leg.status?.endReason ?? 'cancelled');

const legText = ({ name, vendor, lost, status, failed }: LegStatus): string =>
  `leg ${name} (${vendor}): ${
    lost ?? (status?.endReason ? `${status.endReason}: ${status.endDetail ?? ''}` : (failed?.reason ?? 'no report'))
  }`;
