// Generated from domain/phases.ts and domain/timeline.ts by `npm run generate`.

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

/** What happens at each cue. */
export const cueTexts = {
  allocate: 'the channel is made',
  start: 'the channel opens to encoders',
  'give up waiting for the encoder': 'the show fails unless an encoder connects',
  'give up the lost encoder': 'the show ends unless the encoder returns',
  end: 'the show ends',
  'give up the recording': 'the recording stays unproved unless it is proved',
};
