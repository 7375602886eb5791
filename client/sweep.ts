import { randomUUID } from 'node:crypto';
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { defaultTaskQueue, sweepScheduleId, sweepType } from '../domain/ids.ts';
import type { SweepOptions, SweepReport } from '../domain/sweep.ts';

const everyMs = 5 * 60_000;

/** Sweeps once, now, and waits for its report. */
export async function sweepNow(client: Client, options: SweepOptions & { taskQueue?: string }): Promise<SweepReport> {
  const { taskQueue = defaultTaskQueue, ...sweep } = options;
  return (await client.workflow.execute(sweepType, {
    workflowId: `${sweepScheduleId}/by-hand/${randomUUID()}`,
    taskQueue,
    args: [sweep],
    staticSummary: sweep.dryRun ? 'dry run' : 'by hand',
  })) as SweepReport;
}

/** Makes the Schedule that sweeps every five minutes; true when it was not there yet. */
export async function scheduleSweep(
  client: Client,
  sweep: SweepOptions,
  taskQueue: string = defaultTaskQueue,
): Promise<boolean> {
  try {
    await client.schedule.create({
      scheduleId: sweepScheduleId,
      spec: { intervals: [{ every: everyMs }] },
      action: { type: 'startWorkflow', workflowType: sweepType, workflowId: sweepScheduleId, taskQueue, args: [sweep] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMs },
    });
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}
