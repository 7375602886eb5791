import type { LegRefusal } from './legs/refusals.ts';

/** Who acts, and why. Both are required and kept in the report. */
export interface By {
  by: string;
  reason: string;
}

/** What an accepted operator action answers. */
export interface Accepted {
  accepted: true;
  /** What happens now, for people. */
  effect: string;
  /** Of an event with legs: those that refused, while others accepted. */
  refused?: LegRefusal[];
  /** Of an event with legs: those that have not answered yet. They get the action once they can. */
  unanswered?: string[];
}

/** For so long a run tries a reset that has changed nothing, before it refuses it. */
export const resetWithinMs = 30_000;

/** With legs an action may name the one that it is for; else it is for all that run. */
export interface ToLeg {
  leg?: string;
}

/** Updates of a run have names of their own, which stand in histories; people know the actions by these. */
export const actionNames: Readonly<Record<string, string>> = {
  stopNow: 'stop',
  skipWait: 'skip-wait',
  resetEncoder: 'reset',
  retryVod: 'retry-vod',
  switchLeg: 'switch',
  abandonCleanup: 'abandon-cleanup',
  announceCancel: 'cancel',
};

/** What people call an action, as commands and routes are named. */
export const actionName = (update: string): string => actionNames[update] ?? update;
