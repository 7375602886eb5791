/** A worker in a process of its own, to be stopped. */
import { flowWorker } from './flow-worker.ts';

const [address = '', namespace = '', taskQueue = '', getsLast] = process.argv.slice(2);
const { takeLast, shutdown, ended } = await flowWorker({ address, namespace, taskQueue });
process.once('SIGTERM', async () => {
  if (getsLast === 'true') await takeLast();
  shutdown();
});
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
await ended;
process.removeAllListeners('disconnect').disconnect();
