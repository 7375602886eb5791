import type { DataConverter } from '@temporalio/common';
import {
  type ActivityInterceptorsFactory,
  type NativeConnection,
  Worker,
  type WorkerTuner,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Activities } from '../activities/contract.ts';
import { lastCallsMs } from './ending.ts';
import { stepLogAttributes } from './metrics/step-owner.ts';
import { type ReportGate, throughGate } from './report-gate.ts';
import type { StepSlots } from './step-slots.ts';
import { buildOf, type DeploymentVersion, deploymentOptions } from './versioning.ts';

export interface WorkerOptions {
  connection: NativeConnection;
  namespace: string;
  activities: Activities;
  /** Around each attempt of each step, the first outermost. */
  steps?: readonly ActivityInterceptorsFactory[];
  /** How payloads are written and read; the clients of the same runs need the same. Default: Temporal's own. */
  dataConverter?: DataConverter;
  taskQueue: string;
  /** Must have been made with the data converter's failure converter. */
  bundle: WorkflowBundleOption;
  identity?: string;
  /** Runs that stay in memory; others are replayed when something happens to them. */
  maxCachedRuns: number;
  /** What the steps of this worker pass when they are done. */
  gate: ReportGate;
  /** Attempts of steps that are under way at once. */
  slots: StepSlots;
  /** Pins runs to this build. Default: any worker of the task queue goes on with any run. */
  deployment?: DeploymentVersion;
}

/**
 * Attempts that are held for a vendor's rate, a hundred for each operation of an account, must not keep others out, and neither must
 * stops that wait for those of the same instant.
 */
export const stepsAtOnce = 1_250;

/** Of the others as many as the SDK gives by itself, where it is given a tuner. */
export const tunerWith = (slots: StepSlots): WorkerTuner => ({
  workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 40 },
  activityTaskSlotSupplier: slots,
  localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 100 },
  nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 100 },
});

/** The settings that were measured to matter. */
export const workerTuning = {
  // How late a cue is for runs that a worker had cached which died: they wait so long for it. A longer backlog costs replays.
  stickyQueueScheduleToStartTimeout: '4s',
  // By default the SDK may send a heartbeat 12 s after the last one: too near to the timeout of 15 s, and the heartbeat of
  // a poller, one every 5 s and after each change, is how the board and the command know what is seen.
  maxHeartbeatThrottleInterval: '1s',
  // Longer than any vendor call, so that a deploy loses no answer.
  shutdownGraceTime: '25s',
  shutdownForceTime: lastCallsMs,
} as const;

/** Activities → Worker. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    ...(options.identity && { identity: options.identity }),
    ...(options.deployment
      ? { workerDeploymentOptions: deploymentOptions(options.deployment) }
      : { buildId: await buildOf(options.bundle) }),
    ...(options.dataConverter && { dataConverter: options.dataConverter }),
    workflowBundle: options.bundle,
    activities: { ...options.activities },
    interceptors: { activity: [throughGate(options.gate), stepLogAttributes, ...(options.steps ?? [])] },
    maxCachedWorkflows: options.maxCachedRuns,
    ...workerTuning,
    tuner: tunerWith(options.slots),
  });
}
