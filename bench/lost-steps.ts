/**
 * How many steps are lost when a worker stops again and again while many flow, beside one that goes on: where it stops at once, and where it
 * gets its last steps first. A lost step is one that the server handed out and that no worker began.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { flowWorker } from './lost-steps/flow-worker.ts';
import { printRows, rounded } from './stand.ts';
import { openTemporal } from './temporal.ts';

const stops = Number(process.env.STOPS ?? '20');
const runs = 8;
/** For the new worker to get its share. */
const workingMs = 1_500;

const temporal = await openTemporal();
try {
  const [atOnce, last] = [await rowOf('at once', false), await rowOf('after its last steps', true)];
  printRows('lost-steps', [atOnce, last], { 'lost, to at once': rounded(last.lost / atOnce.lost) });
} finally {
  await temporal.close();
}

async function rowOf(name: string, gets: boolean) {
  const { client, address, namespace } = temporal;
  const taskQueue = `lost-steps-${gets}`;
  const { shutdown, ended: done } = await flowWorker({ address, namespace, taskQueue }, true);
  const flows = await Promise.all(
    Array.from({ length: runs }, (_, n) =>
      client.workflow.start('flow', { taskQueue, workflowId: `${taskQueue}-${n}` }),
    ),
  );
  let stopMs = 0;
  for (let stop = 0; stop < stops; stop += 1) {
    const script = fileURLToPath(new URL('./lost-steps/main.ts', import.meta.url));
    const child = fork(script, [address, namespace, taskQueue, String(gets)], { execArgv: ['--import', 'tsx'] });
    await once(child, 'message');
    await pause(workingMs);
    const from = performance.now();
    child.kill('SIGTERM');
    await once(child, 'exit');
    stopMs += performance.now() - from;
  }
  await Promise.all(flows.map((flow) => flow.signal('stop')));
  const ended = await Promise.all(flows.map((flow): Promise<{ steps: number; lost: number }> => flow.result()));
  shutdown();
  await done;
  const sum = (what: 'steps' | 'lost') => ended.reduce((all, flow) => all + flow[what], 0);
  return {
    'a worker stops': name,
    stops,
    steps: sum('steps'),
    lost: sum('lost'),
    'a stop, s': rounded(stopMs / stops / 1000),
  };
}
