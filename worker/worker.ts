import type { DataConverter } from '@temporalio/common';
import {
  type ActivityInterceptorsFactory,
  type NativeConnection,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Activities } from '../activities/contract.ts';
import { createActivities } from '../activities/index.ts';
import type { PollerPort, SweepPort } from '../activities/ports.ts';
import type { Subscriber } from '../activities/webhooks/subscriber.ts';
import { defaultTaskQueue } from '../domain/ids.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { workflowBundle } from './bundle.ts';
import { driversOf } from './drivers.ts';
import { stepLogAttributes } from './metrics/step-owner.ts';
import { type DeploymentVersion, deploymentOptions } from './versioning.ts';

export interface WorkerOptions {
  connection: NativeConnection;
  namespace: string;
  activities: Activities;
  /** Around each attempt of each step, the first outermost. */
  steps?: readonly ActivityInterceptorsFactory[];
  /** How payloads are written and read; the clients of the same runs need the same. Default: Temporal's own. */
  dataConverter?: DataConverter;
  /** Default `showcaller`. */
  taskQueue?: string;
  /** Must have been made with the data converter's failure converter. Default: the one for `dataConverter`. */
  bundle?: WorkflowBundleOption;
  /** Events that wait stay in memory up to this many; 100–150 KB each. Default 2,000. */
  maxCachedWorkflows?: number;
  identity?: string;
  /** Pins runs to this build. Default: any worker of the task queue goes on with any run. */
  deployment?: DeploymentVersion;
}

const tenMinutesMs = 600_000;

/** Accounts → drivers → activities. */
export const activitiesOf = (
  accounts: Accounts,
  rest: {
    timeScale?: number;
    proofGraceMs?: number;
    poller?: PollerPort;
    sweep?: SweepPort;
    /** Who may be told of events. Default: nobody. */
    subscribers?: readonly Subscriber[];
    stopping?: AbortSignal;
  } = {},
): Activities =>
  createActivities({
    driver: driversOf(accounts),
    accounts: (vendor) => accounts.names(vendor),
    secrets: () => [...accounts.secrets(), ...(rest.subscribers ?? []).flatMap(({ secrets }) => secrets)],
    timeScale: rest.timeScale ?? 1,
    proofGraceMs: rest.proofGraceMs ?? tenMinutesMs,
    poller: rest.poller,
    sweep: rest.sweep,
    allAccounts: () => accounts.all().map(({ vendor, account }) => ({ vendor, account: account.name })),
    subscribers: rest.subscribers,
    stopping: rest.stopping,
  });

/** Activities → Worker, with the settings that were measured to matter. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue ?? defaultTaskQueue,
    ...(options.identity && { identity: options.identity }),
    ...(options.deployment && { workerDeploymentOptions: deploymentOptions(options.deployment) }),
    ...(options.dataConverter && { dataConverter: options.dataConverter }),
    workflowBundle: options.bundle ?? (await workflowBundle(options.dataConverter?.failureConverterPath)),
    activities: { ...options.activities },
    interceptors: { activity: [stepLogAttributes, ...(options.steps ?? [])] },
    maxCachedWorkflows: options.maxCachedWorkflows ?? 2000,
    maxConcurrentActivityTaskExecutions: 200,
    stickyQueueScheduleToStartTimeout: '20s',
    // At the default a heartbeat may come 12 s after the last, too close to a timeout of 15 s.
    maxHeartbeatThrottleInterval: '8s',
    // Longer than any vendor call, so that a deploy loses no answer.
    shutdownGraceTime: '25s',
    shutdownForceTime: '40s',
  });
}
