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
