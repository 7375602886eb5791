import { randomUUID } from 'node:crypto';
import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy, WorkflowFailedError } from '@temporalio/client';
import { defaultTaskQueue, sweepScheduleId, sweepType } from '../domain/ids.ts';
import { isClosed } from '../domain/search-attributes.ts';
import type { SweepOptions, SweepReport } from '../domain/sweep.ts';
import { flaggingSchedules } from './schedules/codec.ts';

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
    await flaggingSchedules(client).create({
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

/** The outcome of a sweep. Epoch milliseconds. */
export interface LastSweep {
  workflowId: string;
  startedAt: number;
  endedAt: number;
  /** Absent when it failed. */
  report?: SweepReport;
  /** Why it failed. */
  problem?: string;
}

/** How many dry runs are skipped to find the last sweep. */
const mostDryRuns = 20;

/** The last sweep that is over, dry runs left out; undefined where there was none in the time that Temporal keeps. */
export async function lastSweep(client: Client): Promise<LastSweep | undefined> {
  let looked = 0;
  const query = `WorkflowType = '${sweepType}' AND ${isClosed}`;
  for await (const { workflowId, runId, startTime, closeTime } of client.workflow.list({ query })) {
    const came = { workflowId, startedAt: startTime.getTime(), endedAt: (closeTime ?? startTime).getTime() };
    try {
      const report: SweepReport = await client.workflow.getHandle(workflowId, runId).result();
      if (!report.dryRun) return { ...came, report };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      return { ...came, problem: error.cause?.message ?? error.message };
    }
    looked += 1;
    if (looked >= mostDryRuns) return undefined;
  }
  return undefined;
}
