import type { Client } from '@temporalio/client';
import type { AccountSeen } from '../domain/conditions/condition.ts';
import { pollerRecordOf } from '../domain/conditions/poller-record.ts';
import { pollerIdOf } from '../domain/ids.ts';
import { isNotFound } from './event-runs.ts';
import { pendingActivities } from './pending.ts';

/** As `TaskQueueType` of Temporal has it. */
const workflowTasks = 1;
/** A poll lasts a minute; the server remembers pollers for longer than they live. */
const seenWithinMs = 90_000;

/** A worker, as Temporal last saw it ask for work. Epoch milliseconds. */
export interface WorkerSeen {
  identity: string;
  polledAt: number;
}

/** The workers that poll a task queue for workflow tasks, as Temporal sees it: one that has just died is among them. */
export async function workersSeen(client: Client, taskQueue: string): Promise<WorkerSeen[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
  });
  const since = Date.now() - seenWithinMs;
  const latest = new Map<string, number>();
  for (const { identity, lastAccessTime } of pollers ?? []) {
    const polledAt = Number(lastAccessTime?.seconds ?? 0) * 1_000;
    if (polledAt >= since) latest.set(identity ?? '', Math.max(polledAt, latest.get(identity ?? '') ?? 0));
  }
  return [...latest].map(([identity, polledAt]) => ({ identity, polledAt }));
}

/** What the poller of an account last saw, from its heartbeat. */
export async function accountSeen(
  client: Client,
  of: { taskQueue: string; vendor: string; account: string },
): Promise<AccountSeen> {
  const { taskQueue, vendor, account } = of;
  try {
    const handle = client.workflow.getHandle(pollerIdOf(taskQueue, vendor, account));
    const [poll] = await pendingActivities(client, handle);
    return {
      vendor,
      account,
      ...pollerRecordOf(poll?.details),
      ...(poll?.heardAt !== undefined && { heardAt: poll.heardAt }),
    };
  } catch (error) {
    if (isNotFound(error)) return { vendor, account };
    throw error;
  }
}
