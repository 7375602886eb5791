import { parseDuration, parseInstant } from '../domain/time.ts';
import type { Draft } from './draft.ts';
import { planDefaults } from './limits.ts';

/** What a draft says of time, as far as it can be understood. Epoch milliseconds and milliseconds. */
export interface DraftTimes {
  startsAt?: number;
  endsAt?: number;
  maxDurationMs?: number;
}

/** `impliedStart` is when a plan starts that says neither `startsAt` nor `startsAfter`. */
export function timesOf(draft: Draft, impliedStart: number): DraftTimes {
  const { plan } = draft;
  const given = draft.isBad('startsAt') ? undefined : instantOf(plan.startsAt);
  const start = plan.startsAt === undefined && !draft.isBad('startsAt') ? afterOf(draft, impliedStart) : given;
  const endsAt = endOf(draft, start);
  // A plan without a start whose end is past is missed; its end is not before its start.
  const startsAt = given === undefined && start !== undefined && endsAt !== undefined ? Math.min(start, endsAt) : start;
  return { startsAt, endsAt, maxDurationMs: maxDurationOf(draft, startsAt, endsAt) };
}

function afterOf(draft: Draft, impliedStart: number): number | undefined {
  return draft.isBad('startsAfter') ? undefined : impliedStart + (durationOf(draft.plan.startsAfter) ?? 0);
}

function endOf({ plan, input }: Draft, startsAt: number | undefined): number | undefined {
  if (input.endsAt !== undefined && input.duration !== undefined) return undefined;
  if (plan.endsAt !== undefined) return instantOf(plan.endsAt);
  const length = durationOf(plan.duration);
  return startsAt === undefined || length === undefined ? undefined : startsAt + length;
}

function maxDurationOf(draft: Draft, startsAt?: number, endsAt?: number): number | undefined {
  if (draft.isBad('waits.maxDuration')) return undefined;
  const given = durationOf(draft.plan.waits?.maxDuration);
  if (given !== undefined) return given;
  if (startsAt === undefined || endsAt === undefined) return undefined;
  return Math.max(planDefaults.maxDurationMs, endsAt - startsAt);
}

const instantOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseInstant(text);

/** The cap of an overrun: an instant as it is, a duration from the planned end. */
export const capOf = (until: string | undefined, endsAt: number): number | undefined => {
  const after = durationOf(until);
  return after === undefined ? instantOf(until) : endsAt + after;
};

export const durationOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);
