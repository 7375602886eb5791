/** The worker of the soak: a process of its own, so that its memory is nobody else's. Started by `soak.ts`. */
import { readFileSync } from 'node:fs';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { loadAccounts } from '../vendors/accounts.ts';
import { vendors } from '../vendors/registry.ts';
import { pollerPort } from '../worker/poller.ts';
import { keepToRates } from '../worker/rates.ts';
import { sweepPort } from '../worker/sweep.ts';
import { installRuntime } from '../worker/telemetry/runtime.ts';
import { activitiesOf, createWorker } from '../worker/worker.ts';

export interface MemoryAnswer {
  /** Bytes, after a full collection. */
  heapUsed: number;
  external: number;
  rss: number;
}

const [address = '', namespace = '', taskQueue = '', timeScale = '1'] = process.argv.slice(2);

installRuntime('ERROR');
const loaded = loadAccounts({ env: process.env, readFile: (path) => readFileSync(path, 'utf8'), vendors });
if (!loaded.ok) throw new Error(`the accounts of the soak are not valid: ${JSON.stringify(loaded.problems)}`);
const connection = await NativeConnection.connect({ address });
// A vendor's documented rate is per real second; here an hour takes minutes.
keepToRates(1 / Number(timeScale));
const client = new Client({ connection, namespace });
const activities = activitiesOf(loaded.accounts, {
  timeScale: Number(timeScale),
  proofGraceMs: 60_000,
  poller: pollerPort(client, taskQueue),
  sweep: sweepPort(client),
});
const worker = await createWorker({ connection, namespace, taskQueue, activities });

process.on('message', () => {
  // Twice: what the first collection finalises, the second frees.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ heapUsed, external, rss } satisfies MemoryAnswer);
});
// Whoever measures is gone, and so is its Temporal.
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
await worker.run();
await connection.close();
process.removeAllListeners('disconnect').disconnect();
