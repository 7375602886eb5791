import { NativeConnection, Worker } from '@temporalio/worker';
import { installRuntime } from '../../../worker/telemetry/runtime.ts';
import { workerTuning } from '../../../worker/worker.ts';
import { probeActivities } from '../../simulation/temporal/probe/activities.ts';

/** A worker of the probe in a process of its own, to be killed: <address> <namespace> <task queue> <bundle>. */
const [address = '', namespace = '', taskQueue = '', codePath = ''] = process.argv.slice(2);

installRuntime({ logLevel: 'ERROR' });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  workflowBundle: { codePath },
  activities: probeActivities(),
  ...workerTuning,
});
await worker.run();
