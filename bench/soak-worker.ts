/** The worker of the soak: a process of its own, so that its memory is its own. Started by `soak.ts`. */
import { orThrow } from '../domain/configuration/checked.ts';
import { noFiles } from '../test/support/accounts.ts';
import { readWorkerConfig } from '../worker/config.ts';
import { runWorker } from '../worker/run.ts';

export interface MemoryAnswer {
  /** Bytes, after a full collection. */
  heapUsed: number;
  external: number;
  rss: number;
}

const [address = '', namespace = '', taskQueue = '', timeScale = '1'] = process.argv.slice(2);

// A vendor's documented rate is per real second; here an hour takes minutes.
const rateShare = 1 / Number(timeScale);
const flags = { address, namespace, taskQueue, pace: timeScale, rateShare, proofPatience: 60_000, logLevel: 'ERROR' };
const worker = await runWorker(orThrow(readWorkerConfig({ env: process.env, readFile: noFiles, flags })));

process.on('message', () => {
  // Twice: what the first collection finalises, the second frees.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ heapUsed, external, rss } satisfies MemoryAnswer);
});
// The process that measures is gone, and so is its Temporal.
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void worker.stop());
await worker.done;
process.removeAllListeners('disconnect').disconnect();
