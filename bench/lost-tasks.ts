/**
 * How many tasks are lost when a worker stops again and again while many flow, beside one that goes on: where it stops at once, and where it
 * gets its last steps first. A lost task is one that the server handed out and that no worker began; a late one waited for the worker that
 * had its run in memory.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inParallel } from '../domain/in-parallel.ts';
import { flowWorker } from './lost-tasks/flow-worker.ts';
import type { Flown } from './lost-tasks/workflows.ts';
import { printRows, rounded } from './stand.ts';
import { openTemporal } from './temporal.ts';

const stops = Number(process.env.STOPS ?? '20');
const runs = 24;
/** For the new worker to get its share. */
const workingMs = 2_500;
const historiesAtOnce = 20;
/** `TimeoutType` of Temporal. */
const [startToClose, scheduleToStart] = [1, 2];

const temporal = await openTemporal();
try {
  const [atOnce, last] = [await rowOf('at once', false), await rowOf('after its last steps', true)];
  printRows('lost-tasks', [atOnce, last], {
    'lost steps, to at once': rounded(last['lost steps'] / atOnce['lost steps']),
    'lost workflow tasks, to at once': rounded(last['lost workflow tasks'] / atOnce['lost workflow tasks']),
  });
} finally {
  await temporal.close();
}

async function rowOf(name: string, gets: boolean) {
  const { client, address, namespace } = temporal;
  const taskQueue = `lost-tasks-${gets}`;
  const { shutdown, ended: done } = await flowWorker({ address, namespace, taskQueue });
  const flows = await Promise.all(
    Array.from({ length: runs }, (_, n) =>
      client.workflow.start('flow', {
        taskQueue,
        workflowId: `${taskQueue}-${n}`,
        workflowTaskTimeout: '5s',
        args: [{ steps: 0, lost: 0 }],
      }),
    ),
  );
  let stopMs = 0;
  for (let stop = 0; stop < stops; stop += 1) {
    const script = fileURLToPath(new URL('./lost-tasks/main.ts', import.meta.url));
    const child = fork(script, [address, namespace, taskQueue, String(gets)], { execArgv: ['--import', 'tsx'] });
    await once(child, 'message');
    await pause(workingMs);
    const from = performance.now();
    child.kill('SIGTERM');
    await once(child, 'exit');
    stopMs += performance.now() - from;
  }
  await Promise.all(flows.map((flow) => flow.signal('stop')));
  const flown = await Promise.all(flows.map((flow): Promise<Flown> => flow.result()));
  const counts = await workflowTasksOf(taskQueue);
  shutdown();
  await done;
  const sum = (what: keyof Flown) => flown.reduce((all, flow) => all + flow[what], 0);
  return {
    'a worker stops': name,
    stops,
    steps: sum('steps'),
    'lost steps': sum('lost'),
    ...counts,
    'a stop, s': rounded(stopMs / stops / 1000),
  };
}

async function workflowTasksOf(taskQueue: string) {
  const all: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId } of temporal.client.workflow.list({ query: `TaskQueue = '${taskQueue}'` }))
    all.push({ workflowId, runId });
  let [tasks, lost, late] = [0, 0, 0];
  await inParallel(all, historiesAtOnce, async ({ workflowId, runId }) => {
    const { events } = await temporal.client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const {
      workflowTaskScheduledEventAttributes: scheduled,
      workflowTaskTimedOutEventAttributes: out,
    } of events ?? []) {
      if (scheduled) tasks += 1;
      if (out?.timeoutType === startToClose) lost += 1;
      if (out?.timeoutType === scheduleToStart) late += 1;
    }
  });
  return { 'workflow tasks': tasks, 'lost workflow tasks': lost, 'late workflow tasks': late };
}
