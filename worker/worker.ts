import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../activities/contract.ts';
import type { HubDoor } from '../activities/hub-door.ts';
import { createActivities } from '../activities/index.ts';
import type { SweepDoor } from '../activities/sweep-door.ts';
import { defaultTaskQueue } from '../domain/ids.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { workflowBundle } from './bundle.ts';
import { driversOf } from './drivers.ts';

export interface WorkerOptions {
  connection: NativeConnection;
  namespace: string;
  activities: Activities;
  /** Default `showcaller`. */
  taskQueue?: string;
  bundle?: WorkflowBundleOption;
  /** Events that wait stay in memory up to this many; 100–150 KB each. Default 2,000. */
  maxCachedWorkflows?: number;
  identity?: string;
}

const tenMinutesMs = 600_000;

/** Accounts → drivers → activities. */
export const activitiesOf = (
  accounts: Accounts,
  rest: { pace?: number; proofPatienceMs?: number; hub?: HubDoor; sweep?: SweepDoor; stopping?: AbortSignal } = {},
): Activities =>
  createActivities({
    driver: driversOf(accounts),
    accounts: (vendor) => accounts.names(vendor),
    secrets: () => accounts.secrets(),
    pace: rest.pace ?? 1,
    proofPatienceMs: rest.proofPatienceMs ?? tenMinutesMs,
    hub: rest.hub,
    sweep: rest.sweep,
    allAccounts: () => accounts.all().map(({ vendor, account }) => ({ vendor, account: account.name })),
    stopping: rest.stopping,
  });

/** Activities → Worker, with the settings that were measured to matter. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue ?? defaultTaskQueue,
    ...(options.identity && { identity: options.identity }),
    workflowBundle: options.bundle ?? (await workflowBundle()),
    activities: { ...options.activities },
    maxCachedWorkflows: options.maxCachedWorkflows ?? 2000,
    maxConcurrentActivityTaskExecutions: 200,
    stickyQueueScheduleToStartTimeout: '20s',
    // Longer than any vendor call, so that a deploy loses no answer.
    shutdownGraceTime: '25s',
    shutdownForceTime: '40s',
  });
}
