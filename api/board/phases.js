// Generated from phases.ts, run-status.ts, seen.ts, timeline.ts and actions.ts in domain/ by `npm run generate`.

/** @typedef {import('../../domain/phases.ts').Phase} Phase */

/** @param {Phase[]} members */
const group =
  (...members) =>
  /** @param {Phase | undefined} phase */
  (phase) =>
    phase !== undefined && members.includes(phase);

/** The show can still be stopped or extended. */
export const isBeforeStop = group(
  'scheduled',
  'allocating',
  'starting',
  'creating-output',
  'waiting-for-encoder',
  'live',
  'encoder-lost',
);

/** The vendor accepts the encoder, and the run watches it. */
export const acceptsEncoder = group('waiting-for-encoder', 'live', 'encoder-lost');

/** The run stops, publishes or cleans up. */
export const isClosingDown = group('stopping', 'publishing-vod', 'cleaning-up');

/** The run has ended. */
export const isOver = group('completed', 'failed', 'cancelled');

/** Whether a run has not ended. @param {string} workflowStatus */
export const goesOn = (workflowStatus) => ['RUNNING', 'PAUSED'].includes(workflowStatus);

/** Since when what is shown is not seen any more; undefined while it is. */
/** @type {typeof import('../../domain/seen.ts').staleSince} */
export const staleSince = (conditions) => conditions?.find(({ name }) => name === 'stale')?.since;

/** Whether the encoder is connected, as it was last seen. */
/** @type {typeof import('../../domain/seen.ts').isConnected} */
export const isConnected = ({ phase, encoder, stoppedAt }) =>
  phase === 'live' && encoder !== 'lost' && stoppedAt === undefined;

/**
 * When the encoder was connected. The run moves the end of a connection that goes on only when it looks, so that one reaches
 * to the instant at which it was last seen: now, or since when the event is stale.
 */
/** @type {typeof import('../../domain/seen.ts').windowsSeen} */
export const windowsSeen = (status, seenUntil) => {
  const { windows = [] } = status;
  const goesOn = isConnected(status);
  return windows.map((one, at) =>
    goesOn && at === windows.length - 1 ? { ...one, to: Math.max(one.to, seenUntil) } : one,
  );
};

/** What happens at each cue; `{when}` is its instant. */
export const cueTexts = {
  preflight: 'the account is checked {when}',
  allocate: 'the channel is allocated {when}',
  start: 'the channel accepts encoders {when}',
  'give up waiting for the encoder': 'the show fails {when} unless an encoder connects',
  'give up the lost encoder': 'the show ends {when} unless the encoder returns',
  end: 'the show ends {when}',
  'give up the recording': 'the run stops proving the recording {when}',
};

/** What people call an action, as commands and routes are named; by its name in the run. */
/** @type {Readonly<Record<string, string>>} */
export const actionNames = {
  stopNow: 'stop',
  skipWait: 'skip-wait',
  resetEncoder: 'reset',
  retryVod: 'retry-vod',
  switchLeg: 'switch',
  abandonCleanup: 'abandon-cleanup',
  announceCancel: 'cancel',
};
