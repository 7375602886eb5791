import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
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

/** A worker of workflows that do nothing, with the settings of ours. */
export async function startBareWorker(
  { address, namespace }: { address: string; namespace: string },
  maxCachedWorkflows = 2_000,
): Promise<BareWorker> {
  const connection = await NativeConnection.connect({ address });
  const cueMet = new Map<string, number>();
  const taskQueue = 'bench-bare';
  const worker = await Worker.create({
    ...workerTuning,
    connection,
    namespace,
    taskQueue,
    workflowBundle: await bundleNow(undefined, fileURLToPath(new URL('./workflows.ts', import.meta.url))),
    activities: { ...bareActivities(cueMet) },
    maxCachedWorkflows,
    tuner: tunerWith(new StepSlots(stepsAtOnce)),
  });
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
