import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import { backstopMs, type LiveEventActivities } from '../../activities/contract.ts';

/**
 * Each attempt is short; what takes long is a retry. `maximumInterval` is above the longest delay an activity asks
 * for: server 1.29.1 does not cap `nextRetryDelay` by it, and others are said to. Delays do not grow by themselves: the failure says when to
 * come again, and an attempt that died with its worker, after a thousand looks that went well, must not wait for long.
 */
const retry = { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '15m' } as const;

/** What may make something waits for its attempt when cancelled: clean-up must not run beside it. */
const wait = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** An attempt that says nothing for so long died with its worker. */
const heartbeatTimeout = '15s';

const proxy = (options: ActivityOptions) =>
  proxyActivities<LiveEventActivities>({ retry, heartbeatTimeout, cancellationType: wait, ...options });

/** Several vendor calls of at most 10 s each. */
const oneStep = '90s';

export const { preparePlan } = proxy({
  activityId: 'prepare',
  startToCloseTimeout: '30s',
  summary: 'check the plan',
});

/** Steps before the show are given up when the show would be over. */
export const allocateBy = (ms: number) =>
  proxy({
    activityId: 'allocate',
    startToCloseTimeout: oneStep,
    scheduleToCloseTimeout: ms + backstopMs,
    summary: 'make the channel',
  }).allocate;

export const startBy = (ms: number) =>
  proxy({
    activityId: 'start',
    startToCloseTimeout: oneStep,
    scheduleToCloseTimeout: ms + backstopMs,
    summary: 'open the channel to encoders',
  }).start;

export const createOutputBy = (ms: number) =>
  proxy({
    activityId: 'create-output',
    startToCloseTimeout: oneStep,
    scheduleToCloseTimeout: ms + backstopMs,
    summary: 'make sure that the show is recorded',
  }).createOutput;

/** Looking changes nothing, so a cancelled look is left alone; its successor needs an id of its own. */
export const watchEncoder = (n: number, encoder: string) =>
  proxy({
    activityId: `watch-${n}`,
    startToCloseTimeout: '60s',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: encoder === 'absent' ? 'wait for the encoder' : 'watch the encoder',
  }).watchEncoder;

export const { resetEncoder } = proxy({
  startToCloseTimeout: oneStep,
  scheduleToCloseTimeout: 30_000 + backstopMs,
  summary: 'drop the encoder so that it reconnects',
});

export const { stop } = proxy({
  activityId: 'stop',
  startToCloseTimeout: oneStep,
  summary: 'close the channel for good',
});

export const { cleanUp } = proxy({
  activityId: 'clean-up',
  startToCloseTimeout: oneStep,
  summary: 'release everything billed',
});

/** Reading a long recording takes a while, and keeps a worker busy now and then. */
export const publishVodWithin = (deadlineMs: number) =>
  proxy({
    activityId: 'publish-vod',
    startToCloseTimeout: '20m',
    heartbeatTimeout: '30s',
    scheduleToCloseTimeout: deadlineMs + backstopMs,
    summary: 'publish the recording and prove it',
  }).publishVod;
