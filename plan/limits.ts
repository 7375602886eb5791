import { defaultAccount } from '../domain/ids.ts';
import { usualDarkMs } from '../domain/on-air.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A plan is in every history and every list: it must stay small. */
export const maxInputBytes = 256 * 1024;
/** No vendor's options nest deeper; deeper ones only exhaust the stack of their reader. */
export const maxInputDepth = 16;

/** Most problems of one plan: the failure that lists them has a size limit in Temporal. */
export const maxProblems = 100;

export const maxEventIdLength = 100;
export const maxTitleLength = 200;
export const maxTenantLength = 100;
export const maxSources = 10;
export const maxUses = 20;
/** More than the longest show on every leg. */
export const maxBilledMinutes = 100_000;
export const maxSourceLength = 2_048;
export const maxLegs = 4;

/** Longest show, and longest wait inside one. */
export const maxShowMs = 7 * dayMs;
/** Longest warm-up, start lead and VOD deadline. */
export const maxLeadMs = 30 * dayMs;

/** Defaults for what a plan leaves out. */
export const planDefaults = {
  account: defaultAccount,
  preflightMs: hourMs,
  firstConnectMs: 30 * minuteMs,
  encoderLostMs: 5 * minuteMs,
  darkMs: usualDarkMs,
  /** Or the length of the show, when that is more. */
  maxDurationMs: 12 * hourMs,
  overrunStepMs: 5 * minuteMs,
  vodDeadlineMs: dayMs,
  failoverDarkMs: 30 * secondMs,
} as const;
