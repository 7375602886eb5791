import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { PollerActivities } from '../activities/contract.ts';

/** Runs until no event waits: when a worker dies, the heartbeat timeout moves the poller to another one. */
const { followAccount } = proxyActivities<PollerActivities>({
  activityId: 'follow-account',
  startToCloseTimeout: '365 days',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  summary: 'follow the live channels of the account',
});

/** Polls one account for all its events. A run that waits for its encoder starts it; it ends when none has waited for a while. */
export async function encoderHub(of: { vendor: string; account: string }): Promise<void> {
  await followAccount(of);
}
