import {
  ActivityCancellationType,
  type ActivityOptions,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import {
  type BookingActivities,
  backstopMs,
  type LiveEventActivities,
  type PrepareInput,
} from '../../activities/contract.ts';
import { resetWithinMs } from '../../domain/actions.ts';
import type { PreparedEvent } from '../../domain/plan.ts';
import { canWait, cueFirst } from '../priorities.ts';

/**
 * Each attempt is short; a long wait is a series of retries. `maximumInterval` is above the longest `nextRetryDelay` of an
 * activity: server 1.29.1 does not cap that by it, other versions may. The coefficient is 1 because each failure gives its
 * own delay, and an attempt that died with its worker is retried soon, however many came before it.
 */
const retry = { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '15m' } as const;

/** A cancelled step that may create a resource waits for its attempt to end: clean-up must not run beside it. */
const wait = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** An attempt without a heartbeat for so long has died with its worker. */
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

/** One attempt within the run's first task. It shows in no list of pending steps, so that it must not take long. */
const { preparePlan: prepareWithinTask } = proxyLocalActivities<LiveEventActivities>({
  startToCloseTimeout: '3s',
  scheduleToCloseTimeout: '4s',
  retry: { maximumAttempts: 1 },
  summary: 'check the plan',
});

/** Checks the plan at once; what does not succeed so is a step, which shows why it is not done. */
export async function prepareAtOnce(input: PrepareInput): Promise<PreparedEvent> {
  try {
    return await prepareWithinTask(input);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return preparePlan(input);
  }
}

/** Within the task that ends the run. A list that does not come soon is no reason to go on. */
export const { unreleasedBefore } = proxyLocalActivities<LiveEventActivities>({
  startToCloseTimeout: '3s',
  retry: { maximumAttempts: 3, initialInterval: '500ms' },
  summary: 'look for what an earlier run left',
});

/** Each has an id of its own: a booking moves with its show. */
export const booking = (n: number, summary: string) =>
  proxyActivities<BookingActivities>({
    activityId: `booking-${n}`,
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '10m',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary,
  });

export const { prepareLegs } = proxy({
  activityId: 'prepare',
  startToCloseTimeout: '30s',
  summary: 'check the plan and its legs',
});

/** An update of a run waits at most as long as its reset takes. */
export const actOnLeg = (activityId: string) =>
  proxy({
    activityId,
    startToCloseTimeout: '45s',
    scheduleToCloseTimeout: '2m',
    summary: 'pass the action to the leg',
  }).actOnLeg;

/** The steps before the show fail at the end of the show. */
export const allocateBy = (ms: number) =>
  proxy({
    activityId: 'allocate',
    startToCloseTimeout: oneStep,
    scheduleToCloseTimeout: ms + backstopMs,
    summary: 'make the channel',
  }).allocate;

export const startBy = (ms: number) =>
  proxy({
    ...cueFirst,
    activityId: 'start',
    // The output too, where it can be made at once.
    startToCloseTimeout: '2m',
    scheduleToCloseTimeout: ms + backstopMs,
    summary: 'open the channel to encoders',
  }).start;

export const createOutputBy = (ms: number) =>
  proxy({
    ...cueFirst,
    activityId: 'create-output',
    startToCloseTimeout: oneStep,
    scheduleToCloseTimeout: ms + backstopMs,
    summary: 'make sure that the show is recorded',
  }).createOutput;

/** Changes nothing at the vendor, so that a cancelled one is not waited for. */
export const preflightBy = (ms: number) =>
  proxy({
    ...canWait,
    activityId: 'preflight',
    startToCloseTimeout: oneStep,
    scheduleToCloseTimeout: Math.max(ms, 60_000),
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: 'look for what would go wrong',
  }).preflight;

/** A watch changes nothing at the vendor, so a cancelled one is not waited for; the next one needs an id of its own. */
export const watchEncoder = (n: number, encoder: string) =>
  proxy({
    ...cueFirst,
    activityId: `watch-${n}`,
    startToCloseTimeout: '60s',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: encoder === 'absent' ? 'wait for the encoder' : 'watch the encoder',
  }).watchEncoder;

export const { resetEncoder } = proxy({
  startToCloseTimeout: oneStep,
  scheduleToCloseTimeout: resetWithinMs + backstopMs,
  summary: 'drop the encoder so that it reconnects',
});

/** What a reset left half done: tried until the channel is open and recording again, or the stop cancels it. */
export const { resetEncoder: finishReset } = proxy({
  startToCloseTimeout: oneStep,
  summary: 'open the channel again after a reset',
});

export const { stop } = proxy({
  ...cueFirst,
  activityId: 'stop',
  startToCloseTimeout: oneStep,
  summary: 'close the channel for good',
});

export const { cleanUp } = proxy({
  ...canWait,
  activityId: 'clean-up',
  startToCloseTimeout: oneStep,
  summary: 'release everything billed',
});

/** Reading a long recording takes minutes, and may block the event loop for seconds: a longer heartbeat timeout. */
export const publishVodWithin = (deadlineMs: number) =>
  proxy({
    ...canWait,
    activityId: 'publish-vod',
    startToCloseTimeout: '20m',
    heartbeatTimeout: '30s',
    scheduleToCloseTimeout: deadlineMs + backstopMs,
    summary: 'publish the recording and prove it',
  }).publishVod;
