import type { Client } from '@temporalio/client';
import type { AttemptId } from '../activities/ports.ts';

/** Within an attempt of 90 s at most. */
const answerWithinMs = 5_000;

async function pendingOf(client: Client, { workflowId, runId, activityId, attempt }: AttemptId) {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { raw } = await client.withDeadline(Date.now() + answerWithinMs, () => handle.describe());
  return raw.pendingActivities?.find((one) => one.activityId === activityId && one.attempt === attempt);
}

/** When Temporal started an attempt that is under way: the one instant of its clock that a worker can ask for. */
export const attemptStart =
  (client: Client) =>
  async (attempt: AttemptId): Promise<number | undefined> => {
    const { seconds, nanos } = (await pendingOf(client, attempt))?.lastStartedTime ?? {};
    return seconds == null ? undefined : Number(seconds) * 1000 + Math.floor((nanos ?? 0) / 1_000_000);
  };

/** Whether Temporal still waits for an attempt. Rejects when it does not say. */
export const isUnderWay =
  (client: Client) =>
  async (attempt: AttemptId): Promise<boolean> =>
    (await pendingOf(client, attempt)) !== undefined;
