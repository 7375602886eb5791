/** Where a run is. In the order of a happy run; `encoder-lost` and `live` alternate. */
export const phases = [
  'scheduled',
  'allocating',
  'starting',
  'creating-output',
  'waiting-for-encoder',
  'live',
  'encoder-lost',
  'stopping',
  'publishing-vod',
  'cleaning-up',
  'completed',
  'failed',
  'cancelled',
] as const;
export type Phase = (typeof phases)[number];

/** Why a run ended. The first group completes the workflow, the second fails it, `cancelled` cancels it. */
const completingReasons = ['reached-end', 'stopped-by-operator', 'max-duration', 'encoder-gone'] as const;
const failingReasons = [
  'encoder-never-connected',
  'allocation-failed',
  'start-failed',
  'output-failed',
  'missed',
  'invalid-plan',
  'vod-unproved',
] as const;
export const endReasons = [...completingReasons, ...failingReasons, 'cancelled'] as const;
export type EndReason = (typeof endReasons)[number];

export const completes = (reason: EndReason): boolean => (completingReasons as readonly string[]).includes(reason);

export const finalPhaseOf = (reason: EndReason): Phase =>
  reason === 'cancelled' ? 'cancelled' : completes(reason) ? 'completed' : 'failed';

/** The encoder as people should see it. */
export type EncoderState = 'waiting' | 'connected' | 'starved' | 'lost';
