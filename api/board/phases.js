// Generated from domain/phases.ts by `npm run generate`.

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
