import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { quietMs, StepSlots } from '../../worker/step-slots.ts';
import { installRuntime } from '../../worker/telemetry/runtime.ts';
import { stepsAtOnce, tunerWith, workerTuning } from '../../worker/worker.ts';
import type { WorkerPlace } from '../temporal.ts';

export interface FlowActivities {
  step(): Promise<void>;
}

const stepMs = 20;
installRuntime({ logLevel: 'ERROR' });
const activities: FlowActivities = { step: () => pause(stepMs) };

/** A worker whose steps take a moment. */
export async function flowWorker({ address, namespace, taskQueue }: WorkerPlace) {
  const connection = await NativeConnection.connect({ address });
  const slots = new StepSlots(stepsAtOnce);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities: { ...activities },
    workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    ...workerTuning,
    tuner: tunerWith(slots),
  });
  return {
    takeLast: () => slots.close(quietMs),
    shutdown: () => worker.shutdown(),
    ended: worker.run().finally(() => connection.close()),
  };
}
