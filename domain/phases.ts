/**
 * Where a run is, in the order of a run in which nothing goes wrong, and the phases that may follow each. The state
 * diagram in `docs/phases.md`, the board's groups and the queries are made from this table.
 */
const transitions = {
  // An event that ends before its channel is made has nothing to stop, unless an earlier run of it left a channel open.
  scheduled: ['allocating', 'stopping', 'completed', 'failed', 'cancelled'],
  // A vendor that refuses before it makes anything leaves nothing to stop; the event may be cancelled in that moment.
  allocating: ['starting', 'stopping', 'failed', 'cancelled'],
  starting: ['creating-output', 'stopping'],
  'creating-output': ['waiting-for-encoder', 'stopping'],
  'waiting-for-encoder': ['live', 'stopping'],
  live: ['encoder-lost', 'stopping'],
  'encoder-lost': ['live', 'stopping'],
  stopping: ['publishing-vod', 'cleaning-up'],
  // Where the recording does not need the channel, the clean-up runs beside it and may be done first.
  'publishing-vod': ['cleaning-up', 'completed', 'failed'],
  'cleaning-up': ['completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
} as const;

export type Phase = keyof typeof transitions;

export const phases = Object.keys(transitions) as readonly Phase[];

export const phasesAfter = (phase: Phase): readonly Phase[] => transitions[phase];

/** Whether a run may go from one phase to another; a run that has entered none begins where `scheduled` is. */
export const mayFollow = (from: Phase | undefined, to: Phase): boolean =>
  from === undefined ? to === 'scheduled' || mayFollow('scheduled', to) : phasesAfter(from).includes(to);

/** Histories of events with legs have `allocating` on the way to the stop of a leg. */
const isOnTheWay = (from: Phase | undefined, to: Phase): boolean =>
  mayFollow(from, to) && !(to === 'stopping' && (from ?? 'scheduled') === 'scheduled');

/** The phases to enter one after the other from one to a later one; empty where the table has no way. */
export function wayTo(from: Phase | undefined, to: Phase): readonly Phase[] {
  const after = (phase: Phase | undefined) => phases.filter((one) => isOnTheWay(phase, one));
  const ways: Phase[][] = after(from).includes(to) ? [[to]] : after(from).map((one) => [one]);
  const seen = new Set<Phase>();
  for (const way of ways) {
    const last = way.at(-1);
    if (last === to) return way;
    if (last === undefined || seen.has(last)) continue;
    seen.add(last);
    ways.push(...after(last).map((next) => [...way, next]));
  }
  return [];
}

const group =
  (...members: readonly Phase[]) =>
  (phase: Phase | undefined): boolean =>
    phase !== undefined && members.includes(phase);

/** The vendor accepts the encoder, and the run watches it. */
export const acceptsEncoder = group('waiting-for-encoder', 'live', 'encoder-lost');

/** The show is over, and the run stops the channel, publishes the recording or cleans up. */
export const isClosingDown = group('stopping', 'publishing-vod', 'cleaning-up');

/** The show is over, and its recording is not proved yet: it may be given up. */
export const isBeforeProof = group('stopping', 'publishing-vod');

/** The run does one step at the vendor, and goes on when it is done. */
export const hasOneStep = group('allocating', 'starting', 'creating-output', 'stopping', 'cleaning-up');

/** The run has ended. */
export const isOver = group('completed', 'failed', 'cancelled');

/** The phases of a run that has not ended. */
export type RunningPhase = Exclude<Phase, 'completed' | 'failed' | 'cancelled'>;
export const runningPhases = phases.filter((phase): phase is RunningPhase => !isOver(phase));

/** The show can still be stopped or extended. */
export const isBeforeStop = (phase: Phase | undefined): boolean =>
  phase !== undefined && !isClosingDown(phase) && !isOver(phase);

/** What a cancellation in this phase does, for people. */
export function cancelEffect(phase: Phase | undefined): string {
  if (phase === 'cleaning-up') return 'the clean-up goes on until it is done; abandon-cleanup ends it';
  if (isClosingDown(phase)) return 'the clean-up goes on; a recording that is not proved by now is given up';
  return 'it stops and cleans up now, and publishes nothing';
}

/** Why a run ended. The first group completes the workflow, the second fails it, `cancelled` cancels it. */
const completingReasons = [
  'reached-end',
  'stopped-by-operator',
  'max-duration',
  'encoder-gone',
  'budget-spent',
] as const;
const failingReasons = [
  'encoder-never-connected',
  'allocation-failed',
  'start-failed',
  'output-failed',
  'missed',
  'invalid-plan',
  'already-booked',
  'over-budget',
  'vod-unproved',
] as const;
export const endReasons = [...completingReasons, ...failingReasons, 'cancelled'] as const;
export type EndReason = (typeof endReasons)[number];

export const completes = (reason: EndReason): boolean => (completingReasons as readonly string[]).includes(reason);

export const finalPhaseOf = (reason: EndReason): Phase =>
  reason === 'cancelled' ? 'cancelled' : completes(reason) ? 'completed' : 'failed';

/** The encoder as people should see it. */
export const encoderStates = ['waiting', 'connected', 'starved', 'lost'] as const;
export type EncoderState = (typeof encoderStates)[number];
