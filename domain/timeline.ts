import { isBeforeStop, type Phase } from './phases.ts';
import type { PreparedPlan } from './plan.ts';
import { formatDuration, formatInstant } from './time.ts';

/** The events of the run that move its cues. Epoch milliseconds. */
export interface ShowFacts {
  /** The end as extended by operators and overruns; default: as planned. */
  endsAt?: number;
  /** Since when the encoder is awaited: the channel was open and recording. */
  awaitedSince?: number;
  /** When the encoder came for the first time. */
  firstConnectedAt?: number;
  /** Since when the encoder is gone; absent while it is there. */
  lostAt?: number;
  /**
   * Why it is unknown whether an encoder is there, the wait for it being over: the vendor does not answer. Absent while its absence is
   * seen, or it is there.
   */
  unseen?: string;
  /** When allocation was to be, as the last preflight knew it: an allocation that is moved gets a preflight of its own. */
  preflightFor?: number;
}

/** Every instant at which the run must act. Epoch milliseconds. */
export interface Cues {
  /** The account is looked at; absent once it was, and where the look at allocation is the only one. */
  preflightAt?: number;
  allocateAt: number;
  openAt: number;
  /** An encoder that never came is given up. */
  giveUpAt: number;
  endAt: number;
  /** An encoder that is lost now is given up; absent while it is there. */
  lostUntil?: number;
}

/** The names of cues are public, in status and metrics; for people each says what happens when. */
export const cueTexts = {
  preflight: 'the account is checked {when}',
  allocate: 'the channel is allocated {when}',
  start: 'the channel accepts encoders {when}',
  'give up waiting for the encoder': 'the show fails {when} unless an encoder connects',
  'give up the lost encoder': 'the show ends {when} unless the encoder returns',
  end: 'the show ends {when}',
  'give up the recording': 'the run stops proving the recording {when}',
} as const;

/** `when` is such as `in 4m` or `at 18:00`. */
export const cueText = (what: CueName, when: string): string => cueTexts[what].replace('{when}', when);

export type CueName = keyof typeof cueTexts;

export interface Cue {
  what: CueName;
  at: number;
}

export function cuesOf(plan: PreparedPlan, facts: ShowFacts): Cues {
  const { startsAt, hardEndsAt, warmUpMs, startLeadMs, preflightMs, waits } = plan;
  const allocateAt = startsAt - Math.max(warmUpMs, startLeadMs);
  const endAt = Math.min(facts.endsAt ?? plan.endsAt, hardEndsAt);
  // An absence that is not seen ends no wait.
  const isUnseen = facts.unseen !== undefined;
  // Neither timeout begins before the show: an encoder may connect to rehearse, disconnect and connect again.
  const fromTheStart = (instant: number, waitMs: number) => Math.min(endAt, Math.max(startsAt, instant) + waitMs);
  return {
    ...(preflightMs && facts.preflightFor !== allocateAt && { preflightAt: allocateAt - preflightMs }),
    allocateAt,
    openAt: startsAt - startLeadMs,
    giveUpAt: isUnseen ? endAt : fromTheStart(facts.awaitedSince ?? startsAt, waits.firstConnectMs),
    endAt,
    ...(facts.lostAt !== undefined && !isUnseen && { lostUntil: fromTheStart(facts.lostAt, waits.encoderLostMs) }),
  };
}

/** What of a status says when its channel lets encoders in. */
interface Opening {
  plan?: PreparedPlan;
  entered: Partial<Record<Phase, number>>;
  endsAt: number;
  stoppedAt?: number;
}

/** From when to when the channel lets encoders in: as it was seen, else as it is planned. Epoch milliseconds. */
export function openSpan({ plan, entered, endsAt, stoppedAt }: Opening): { opensAt?: number; closesAt: number } {
  const opensAt = entered['waiting-for-encoder'] ?? (plan && cuesOf(plan, {}).openAt);
  return { ...(opensAt !== undefined && { opensAt }), closesAt: stoppedAt ?? endsAt };
}

/** `open from … to …` */
export function openText(status: Opening): string {
  const { opensAt, closesAt } = openSpan(status);
  return `open ${opensAt === undefined ? '' : `from ${formatInstant(opensAt)} `}to ${formatInstant(closesAt)}`;
}

/** The next instant at which a run in this phase must act; undefined where it waits for nothing but its own work. */
export function nextCue(
  plan: PreparedPlan,
  facts: ShowFacts,
  { phase, stoppedAt }: { phase: Phase; stoppedAt?: number | undefined },
  now: number,
): Cue | undefined {
  const { preflightAt, allocateAt, openAt, giveUpAt, endAt, lostUntil } = cuesOf(plan, facts);
  const end: Cue = { what: 'end', at: endAt };
  switch (phase) {
    case 'scheduled':
      if (preflightAt !== undefined && preflightAt > now) return { what: 'preflight', at: preflightAt };
      return { what: 'allocate', at: allocateAt };
    case 'allocating':
      return now < openAt ? { what: 'start', at: openAt } : end;
    case 'starting':
    case 'creating-output':
    case 'live':
      return end;
    case 'waiting-for-encoder':
      return facts.unseen === undefined ? { what: 'give up waiting for the encoder', at: giveUpAt } : end;
    case 'encoder-lost':
      return lostUntil !== undefined && lostUntil < endAt ? { what: 'give up the lost encoder', at: lostUntil } : end;
    case 'publishing-vod':
      return stoppedAt === undefined
        ? undefined
        : { what: 'give up the recording', at: stoppedAt + plan.vod.deadlineMs };
    default:
      return undefined;
  }
}

/** The show is over already: nothing must be made for it. */
export const isMissed = (plan: PreparedPlan, now: number): boolean => now >= Math.min(plan.endsAt, plan.hardEndsAt);

/** How late a run begins that joins a show under way, milliseconds; undefined when it is on time. */
export const missedMs = (plan: PreparedPlan, now: number): number | undefined =>
  now > plan.startsAt ? now - plan.startsAt : undefined;

/** Where an overrun moves the end to, when the end has come; undefined when the show must end now. */
export function overrunEnd(plan: PreparedPlan, facts: ShowFacts, now: number): number | undefined {
  const { overrun, hardEndsAt } = plan;
  const encoderSends = facts.firstConnectedAt !== undefined && facts.lostAt === undefined;
  if (!overrun || !encoderSends) return undefined;
  const { endAt } = cuesOf(plan, facts);
  // From now, if later: a worker that was away must not run through the steps it slept over.
  const next = Math.min(Math.max(endAt, now) + overrun.stepMs, overrun.until, hardEndsAt);
  return next > endAt && next > now ? next : undefined;
}

/** Where the end is after it was moved, the last instant to which it can be moved the same way, and what says so. */
export function prolonging(plan: PreparedPlan, facts: ShowFacts, byOverrun: boolean) {
  const { hardEndsAt, overrun } = plan;
  const { endAt } = cuesOf(plan, facts);
  const capped = byOverrun && overrun !== undefined && overrun.until < hardEndsAt;
  return capped
    ? { endAt, last: overrun.until, by: 'overrun.until' }
    : { endAt, last: hardEndsAt, by: 'waits.maxDuration' };
}

/** When half of the wait for the encoder is over. Epoch milliseconds. */
export function halfOfTheWait(plan: PreparedPlan, facts: ShowFacts): number {
  const { giveUpAt } = cuesOf(plan, facts);
  const from = Math.max(plan.startsAt, facts.awaitedSince ?? plan.startsAt);
  return from + Math.max(0, Math.floor((giveUpAt - from) / 2));
}

/** Why a show ends that came to its end: it was planned so, or it was prolonged until it may not go on. */
export function reasonAtEnd(plan: PreparedPlan, facts: ShowFacts): 'reached-end' | 'max-duration' {
  const { endAt } = cuesOf(plan, facts);
  return endAt >= plan.hardEndsAt && endAt > plan.endsAt ? 'max-duration' : 'reached-end';
}

/** Why the end may not be moved to `endsAt`; undefined when it may. */
export function checkExtend(
  plan: PreparedPlan,
  facts: ShowFacts,
  phase: Phase,
  now: number,
  endsAt: number,
): string | undefined {
  const { endAt } = cuesOf(plan, facts);
  if (!Number.isFinite(endsAt)) return 'the new end is not an instant';
  if (!isBeforeStop(phase)) return `the show is over (${phase}): its end cannot be moved any more`;
  if (endsAt <= now) return `the new end ${formatInstant(endsAt)} is past; to end the show now, use stop`;
  if (endsAt <= endAt) return `the show runs until ${formatInstant(endAt)} already; to end it sooner, use stop`;
  if (endsAt > plan.hardEndsAt) {
    const longest = formatDuration(plan.waits.maxDurationMs);
    return `no run goes on past ${formatInstant(plan.hardEndsAt)} (waits.maxDuration ${longest} from the start)`;
  }
  return undefined;
}

export interface ShowTimes {
  startsAt: number;
  endsAt: number;
}

/** Why the show may not be moved; undefined when it may. */
export function checkReschedule(plan: PreparedPlan, phase: Phase, now: number, times: ShowTimes): string | undefined {
  const { startsAt, endsAt } = times;
  if (!Number.isFinite(startsAt) || !Number.isFinite(endsAt)) return 'the new start or end is not an instant';
  if (phase !== 'scheduled') return `the channel is being made or made (${phase}); to move only the end, use extend`;
  if (endsAt <= startsAt) return `the new end ${formatInstant(endsAt)} is not after the new start`;
  if (endsAt <= now) return `the new end ${formatInstant(endsAt)} is past`;
  if (endsAt - startsAt > plan.waits.maxDurationMs) {
    const longest = formatDuration(plan.waits.maxDurationMs);
    return `the show would last ${formatDuration(endsAt - startsAt)}, longer than waits.maxDuration ${longest}`;
  }
  return undefined;
}

/** The plan at other times. The cap of an overrun moves with the end, and never past the new hard end. */
export function rescheduled(plan: PreparedPlan, { startsAt, endsAt }: ShowTimes): PreparedPlan {
  const hardEndsAt = startsAt + plan.waits.maxDurationMs;
  const { overrun } = plan;
  return {
    ...plan,
    startsAt,
    endsAt,
    hardEndsAt,
    ...(overrun && {
      overrun: { ...overrun, until: Math.min(overrun.until + endsAt - plan.endsAt, hardEndsAt) },
    }),
  };
}
