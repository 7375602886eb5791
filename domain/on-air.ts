import { fieldsOf } from './json.ts';
import { isInstant } from './time.ts';

/**
 * What a viewer gets: `dark` nothing yet, `on-air` new segments, `frozen` no new segment for three target durations, `gone`
 * a playlist that is refused or no longer there, `unknown` when it could not be looked.
 */
export const onAirStates = ['dark', 'on-air', 'frozen', 'gone', 'unknown'] as const;
export type OnAirState = (typeof onAirStates)[number];

/** How long viewers may get nothing of an encoder that sends, where the plan does not say it. */
export const usualDarkMs = 60_000;

/** A change of what viewers get, as the poller sends it to the run. Instants are epoch milliseconds. */
export interface OnAirChange {
  state: OnAirState;
  at: number;
  /** What was seen, for people; always there unless all is well. */
  reason?: string;
  /** Where the first picture lies that viewers get from now on; with `on-air`. */
  from?: number;
  /** Where the last picture ends that viewers got; with `frozen` and `gone`. */
  until?: number;
  /** How far the newest picture is behind the wall clock, where the playlist has dates. */
  latencyMs?: number;
  /** The encoder has been connected for longer than `waits.dark`. */
  isOverdue?: boolean;
  /** What is wrong with the segments that viewers get: no picture or sound in them, or none to be seen or heard. */
  blank?: string;
}

/** What viewers get, in the status and the report. */
export interface OnAir {
  state: OnAirState;
  since: number;
  reason?: string;
  latencyMs?: number;
  /** When the first segment was seen. */
  firstSegmentAt?: number;
  /** Where the first picture lies of the span that viewers get now; with `on-air`. */
  from?: number;
  /** Since when viewers get nothing new, also while it is not known any more; absent when they do. */
  lostAt?: number;
}

const maxReason = 500;

/** A signal's argument: unchecked, because any Temporal client may send it. */
export function onAirChangeOf(sent: unknown): OnAirChange | undefined {
  const given = fieldsOf(sent);
  const state = onAirStates.find((one) => one === given.state);
  const at = instant(given.at);
  if (!state || at === undefined) return undefined;
  const [from, until, latencyMs] = [instant(given.from), instant(given.until), number(given.latencyMs)];
  return {
    state,
    at,
    ...(typeof given.reason === 'string' && { reason: given.reason.slice(0, maxReason) }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(given.isOverdue === true && { isOverdue: true }),
    ...(typeof given.blank === 'string' && { blank: given.blank.slice(0, maxReason) }),
  };
}

const number = (value: unknown): number | undefined => (Number.isFinite(value) ? (value as number) : undefined);
const instant = (value: unknown): number | undefined => (isInstant(value) ? value : undefined);
