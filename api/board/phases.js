// Generated from domain/phases.ts, domain/timeline.ts and domain/actions.ts by `npm run generate`.

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
