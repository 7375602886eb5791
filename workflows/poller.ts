import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { PollerActivities } from '../activities/contract.ts';
import { cueFirst } from './priorities.ts';

/** Runs until no event waits: when a worker dies, the heartbeat timeout moves the poller to another one. */
const { followAccount } = proxyActivities<PollerActivities>({
  ...cueFirst,
  activityId: 'follow-account',
  startToCloseTimeout: '365 days',
  heartbeatTimeout: '10s',
  // Not longer after each death of a worker: a poller outlives many.
  retry: { initialInterval: '2s', backoffCoefficient: 1 },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  summary: 'follow the live channels of the account',
});

/** Polls one account for all its events. A run that waits for its encoder starts it; it ends when none has waited for a while. */
export async function encoderHub(of: { vendor: string; account: string }): Promise<void> {
  await followAccount(of);
}
