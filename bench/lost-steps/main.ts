/** A worker of steps in a process of its own, to be stopped. */
import { quietMs } from '../../worker/step-slots.ts';
import { flowWorker } from './flow-worker.ts';

const [address = '', namespace = '', taskQueue = '', getsLastSteps] = process.argv.slice(2);
const { slots, shutdown, ended } = await flowWorker({ address, namespace, taskQueue }, false);
process.once('SIGTERM', async () => {
  if (getsLastSteps === 'true') await slots.close(quietMs);
  shutdown();
});
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
await ended;
process.removeAllListeners('disconnect').disconnect();
