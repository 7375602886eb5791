/** What Temporal costs without showcaller: the same steps as a show's, with activities that do nothing. */
import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import type { BareActivities } from './activities.ts';

const retry = { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '15m' } as const;
const steps = proxyActivities<BareActivities>({
  startToCloseTimeout: '90s',
  retry,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

const { step: stepWithinTask } = proxyLocalActivities<BareActivities>({
  startToCloseTimeout: '3s',
  retry: { maximumAttempts: 1 },
});

/** The least that meets a cue of a wait that can end early: a retry that comes due at it, and one activity. */
export async function floor({ id, until }: { id: string; until: number }): Promise<void> {
  await steps.waitUntil(until);
  await steps.atCue(id);
}

const enter = (value: string) => upsertSearchAttributes([{ key: searchAttributes.phase, value }]);

/** The activities and phases of a happy show. */
export async function bare({ id, until }: { id: string; until: number }): Promise<void> {
  await stepWithinTask();
  enter('allocating');
  await steps.step();
  enter('starting');
  await steps.step();
  enter('waiting-for-encoder');
  await steps.step();
  enter('live');
  await steps.waitUntil(until);
  enter('stopping');
  await steps.atCue(id);
  enter('publishing-vod');
  await steps.step();
  enter('cleaning-up');
  await steps.step();
  enter('completed');
}
