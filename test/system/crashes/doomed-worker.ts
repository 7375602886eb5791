import { orThrow } from '../../../domain/configuration/checked.ts';
import { readWorkerConfig } from '../../../worker/config.ts';
import { runWorker } from '../../../worker/run.ts';
import { noFiles } from '../../support/accounts.ts';
import { interrupted, momentOf } from './moments.ts';

/** A worker in a process of its own, with a bundle that is given, and with a moment at which it dies by SIGKILL. */
const [address = '', namespace = '', taskQueue = '', codePath = '', moment] = process.argv.slice(2);

const env = { ...process.env, SHOWCALLER_PACE: '0.1' };
const flags = { address, namespace, taskQueue, logLevel: 'ERROR' };
const worker = await runWorker(orThrow(readWorkerConfig({ env, readFile: noFiles, flags })), {
  bundle: { codePath },
  activities: (composed) =>
    interrupted(composed, {
      at: () => (moment ? momentOf(moment) : undefined),
      happens: () => {
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => {});
      },
    }),
});
process.stderr.write(`worker on ${namespace}/${taskQueue}\n`);
await worker.done;
