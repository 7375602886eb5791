import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { bundleNow } from '../../worker/bundle-now.ts';
import { StepSlots } from '../../worker/step-slots.ts';
import { stepsAtOnce, tunerWith, workerTuning } from '../../worker/worker.ts';
import { bareActivities } from './activities.ts';

export interface BareWorker {
  taskQueue: string;
  /** When the activity at the cue of a run began, by the id it was given; epoch milliseconds. */
  cueMet: ReadonlyMap<string, number>;
  /** How many runs it has in memory. */
  cachedRuns(): number;
  stop(): Promise<void>;
}

const workflowsPath = fileURLToPath(new URL('./workflows.ts', import.meta.url));

const ours = async () => ({
  ...workerTuning,
  workflowBundle: await bundleNow(undefined, workflowsPath),
  tuner: tunerWith(new StepSlots(stepsAtOnce)),
});

interface Place {
  address: string;
  namespace: string;
}

/** A worker of workflows that do nothing, with the settings of ours. */
export const startBareWorker = async (place: Place, maxCachedWorkflows = 2_000): Promise<BareWorker> =>
  start(place, 'bench-bare', { ...(await ours()), maxCachedWorkflows });

/** The same as the SDK makes one by itself. */
export const startPlainWorker = (place: Place): Promise<BareWorker> => start(place, 'bench-plain', { workflowsPath });

async function start(
  { address, namespace }: Place,
  taskQueue: string,
  settings: Partial<WorkerOptions>,
): Promise<BareWorker> {
  const connection = await NativeConnection.connect({ address });
  const cueMet = new Map<string, number>();
  const activities = { ...bareActivities(cueMet) };
  const worker = await Worker.create({ ...settings, connection, namespace, taskQueue, activities });
  const done = worker.run();
  return {
    taskQueue,
    cueMet,
    cachedRuns: () => worker.getStatus().numCachedWorkflows,
    async stop() {
      worker.shutdown();
      await done;
      await connection.close();
    },
  };
}
