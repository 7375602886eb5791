import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { accountsFrom } from '../../../cli/context.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { sweepPort } from '../../../worker/sweep.ts';
import { installRuntime } from '../../../worker/telemetry/runtime.ts';
import { activitiesOf, createWorker } from '../../../worker/worker.ts';
import { interrupted, momentOf } from './moments.ts';

/** A worker in a process of its own, with a bundle that is given, and with a moment at which it dies by SIGKILL. */
const [address = '', namespace = '', taskQueue = '', codePath = '', moment] = process.argv.slice(2);

installRuntime('ERROR');
const connection = await NativeConnection.connect({ address });
const client = new Client({ connection, namespace });
const activities = activitiesOf(accountsFrom(process.env), {
  timeScale: 0.1,
  proofGraceMs: 600_000,
  poller: pollerPort(client, taskQueue),
  sweep: sweepPort(client),
});
const worker = await createWorker({
  connection,
  namespace,
  taskQueue,
  bundle: { codePath },
  activities: interrupted(activities, {
    at: () => (moment ? momentOf(moment) : undefined),
    happens: () => {
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => {});
    },
  }),
});
process.stderr.write(`worker on ${namespace}/${taskQueue}\n`);
await worker.run();
await connection.close();
