/** What a preflight looks at, in the order in which findings are shown. */
export const preflightChecks = [
  'credentials',
  'clock',
  'place',
  'permission',
  'quota',
  'name',
  'stream',
  'preset',
  'bucket',
  'archive',
  'key-life',
  'playback',
  'subscriber',
] as const;
export type PreflightCheck = (typeof preflightChecks)[number];

/** Something that would go wrong, and what to do about it. Goes into history: no secret may be in it. */
export interface Finding {
  check: PreflightCheck;
  message: string;
  advice: string;
}

/** What could not be looked at: nothing is known of it. */
export interface Unseen {
  check: PreflightCheck;
  reason: string;
}

/** How many other events of ours hold channels of the account while this one does; or why that is unknown. */
export type PlannedAtOnce = { events: number } | { unknown: string };
