/** What Temporal costs without showcaller: the same steps as a show's, with activities that do nothing. */
import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import type { BareActivities } from './activities.ts';

const retry = { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '15m' } as const;
const options = {
  startToCloseTimeout: '90s',
  retry,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;
const steps = proxyActivities<BareActivities>(options);
/** As a server has it by itself: each step goes through the task queue. */
const queuedSteps = proxyActivities<BareActivities>({ ...options, allowEagerDispatch: false });

const { step: stepWithinTask } = proxyLocalActivities<BareActivities>({
  startToCloseTimeout: '3s',
  retry: { maximumAttempts: 1 },
});

/** The least that meets a cue of a wait that can end early: a retry that comes due at it, and one activity. */
export async function floor({ id, until }: Show): Promise<void> {
  await steps.waitUntil(until);
  await steps.atCue(id);
}

/** A run that waits for its time, as a show does. */
export async function waiting({ until }: Show): Promise<void> {
  await stepWithinTask();
  enter('allocating');
  await sleep(until - Date.now());
}

const enter = (value: string) => upsertSearchAttributes([{ key: searchAttributes.phase, value }]);

interface Show {
  id: string;
  until: number;
}

/** The activities and phases of a happy show, with the settings of ours. */
export const bare = (show: Show): Promise<void> => happyShow(steps, show);

/** The same as Temporal does it without any settings. */
export const plain = (show: Show): Promise<void> => happyShow(queuedSteps, show);

async function happyShow({ step, waitUntil, atCue }: typeof steps, { id, until }: Show): Promise<void> {
  await stepWithinTask();
  enter('allocating');
  await step();
  enter('starting');
  await step();
  enter('waiting-for-encoder');
  await step();
  enter('live');
  await waitUntil(until);
  enter('stopping');
  await atCue(id);
  enter('publishing-vod');
  await step();
  enter('cleaning-up');
  await step();
  enter('completed');
}
