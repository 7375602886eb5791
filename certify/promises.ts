/** What a driver promises and a real account can confirm, in the order in which a show comes to it. */
export const promises = {
  name: 'The channel has one name, which is known before the vendor is asked.',
  allocate: 'A channel of this name is made, with our ownership tag.',
  place:
    'The channel is where the account is: the listing shows it there, and a reference of another place is refused unasked.',
  ownership: 'A channel of another workflow is refused, not taken over.',
  'closed-before-start': 'Before the start no encoder is let in.',
  start: 'The channel is started.',
  'lost-response': 'A call whose answer is lost makes nothing twice.',
  'let-in': 'After the start the encoder that has the key is let in.',
  'wrong-key': 'An encoder with a wrong key is refused.',
  output: 'What records the show exists before the encoder connects.',
  playback: 'Where viewers watch is known before anything is sent, and stays the same.',
  presence: 'The vendor says within the limit that the encoder is connected, and that it is gone.',
  'live-list': 'The listing of the whole account shows the channel while it is sent to.',
  'on-air': 'Viewers get new segments within the limit while the encoder sends.',
  'viewer-url': 'The address made for a viewer is served; without what it must have, it is refused.',
  reset: 'A reset drops the encoder and lets it back in.',
  sweep: 'The listing of our channels shows the channel with its workflow while it exists, and not afterwards.',
  stop: 'A stop drops the encoder.',
  'closed-after-stop': 'After the stop the same encoder is refused, at once and later.',
  sessions: "The vendor's record of push sessions lies inside the show and is in order.",
  recording: 'The recording is published.',
  proof: 'The recording, read as a player would, is what the encoder sent.',
  'clean-up': 'The channel is released.',
  'closed-after-clean-up': 'After the clean-up the same encoder is refused.',
  'recording-kept': 'The recording outlives the clean-up.',
  idempotence: 'Each step that is asked again gives the same and makes nothing more.',
  secrets: 'Nothing that the driver says carries a secret.',
} as const;
export type PromiseId = keyof typeof promises;

/** How many checks a promise has where it has several: less is not the whole promise. */
export const checksOf: Partial<Record<PromiseId, number>> = {
  // Another place is refused; the listing shows it in its own.
  place: 2,
  // Connected, gone, connected again.
  presence: 3,
  // Dropped, let in again.
  reset: 2,
  // Listed, and not any more.
  sweep: 2,
  // Released, and not listed any more.
  'clean-up': 2,
  // Allocate, start, output, stop, recording, clean-up.
  idempotence: 6,
};

/** These are worth nothing unless an encoder was let in once: else the ingest cannot be reached from here. */
export const needsReachableIngest: readonly PromiseId[] = [
  'closed-before-start',
  'wrong-key',
  'closed-after-stop',
  'closed-after-clean-up',
];
