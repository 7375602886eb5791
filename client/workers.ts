import type { Client } from '@temporalio/client';

/** As `TaskQueueType` of Temporal has it. */
const workflowTasks = 1;
/** A poll lasts a minute; the server remembers pollers for longer than they live. */
const seenWithinMs = 90_000;

/** How many workers poll a task queue for workflow tasks, as Temporal sees it. */
export async function workersOn(client: Client, taskQueue: string): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
  });
  const since = Date.now() - seenWithinMs;
  const alive = (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 >= since);
  return new Set(alive.map(({ identity }) => identity)).size;
}
