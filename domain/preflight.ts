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

/** What a look at the vendor found. */
export interface PreflightLook {
  findings: Finding[];
  unseen: Unseen[];
}

/** What one look at the account found. A healthy one has no finding. */
export interface Preflight extends PreflightLook {
  /** Epoch milliseconds. */
  at: number;
}

/** How many other events of ours hold channels of the account while this one does; or why that is unknown. */
export type PlannedAtOnce = { events: number } | { unknown: string };

/** What an event holds and when, epoch milliseconds. */
export interface PlannedSpan {
  vendor: string;
  account: string;
  /** Is not counted itself. */
  workflowId?: string;
  from: number;
  to: number;
}

/** Counts them; a count that is surely below `limit` need not be exact. */
export type CountPlanned = (limit: number) => Promise<PlannedAtOnce>;

/** What a run asks for besides its event. Stands in histories. */
export interface PreflightRequest {
  /** From when on the event holds a channel, epoch milliseconds. */
  from: number;
  /** The subscribers of its webhooks, by name. */
  subscribers: string[];
  /** When to look, epoch milliseconds. Default: at once. */
  notBefore?: number;
}

const placeOf = ({ check }: { check: PreflightCheck }): number => preflightChecks.indexOf(check);

export const inOrder = <T extends { check: PreflightCheck }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => placeOf(a) - placeOf(b));

/** The looks of all legs as one; what is said of a leg has its name. */
export function lookOfLegs(looks: readonly (PreflightLook & { leg?: string })[]): PreflightLook {
  const of = (leg: string | undefined, text: string) => (leg === undefined ? text : `leg ${leg}: ${text}`);
  return {
    findings: inOrder(
      looks.flatMap(({ leg, findings }) => findings.map((one) => ({ ...one, message: of(leg, one.message) }))),
    ),
    unseen: inOrder(looks.flatMap(({ leg, unseen }) => unseen.map((one) => ({ ...one, reason: of(leg, one.reason) })))),
  };
}

/** One finding as a line for people. */
export const findingText = ({ check, message, advice }: Finding): string => `${check}: ${message}; ${advice}`;

/** One thing that could not be looked at, as a line for people. */
export const unseenText = ({ check, reason }: Unseen): string => `${check}: ${reason}`;
