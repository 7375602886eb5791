/**
 * What a whole show costs in CPU of the worker and of the server and in bytes of history, beside a bare run with the same steps and
 * phases whose activities do nothing: on one server, one after the other. Both workers are in this process, with their clients. A
 * show without an address to watch has the steps of a bare run; one that is watched has a signal more, and is looked at every two seconds.
 */
import { bareRuns, type Ended, shows } from './at-one-instant.ts';
import { startBareWorker } from './bare/worker.ts';
import { cpuSeconds, openStand, printRows, rounded } from './stand.ts';

const events = Number(process.env.EVENTS ?? '100');

let hasViewers = true;
const stand = await openStand({ timeScale: 1, lists: true, hasViewers: () => hasViewers });
const bareWorker = await startBareWorker(stand);
try {
  // The first runs of each compile what all others use.
  await bareRuns(stand, bareWorker, 'bare', 5);
  await shows(stand, 5);
  const costOfShows = (what: string) =>
    costOf(
      what,
      (id) => `live-event/${id}`,
      () => shows(stand, events),
    );
  const bare = await costOf(
    'bare',
    (id) => id,
    () => bareRuns(stand, bareWorker, 'bare', events),
  );
  hasViewers = false;
  const unwatched = await costOfShows('showcaller, no address to watch');
  hasViewers = true;
  const watched = await costOfShows('showcaller, watched');
  const names: Cost[] = ['worker CPU, ms a run', 'server CPU, ms a run', 'history, KB', 'events'];
  const ratios = [unwatched, watched].flatMap((row) =>
    names.map((name) => [`${row.what}: ${name}, to bare`, rounded(row[name] / bare[name])] as const),
  );
  printRows('show-cost', [bare, unwatched, watched], Object.fromEntries(ratios));
} finally {
  await bareWorker.stop();
  await stand.close();
}

type Cost = 'worker CPU, ms a run' | 'server CPU, ms a run' | 'history, KB' | 'events';

async function costOf(what: string, workflowIdOf: (id: string) => string, run: () => Promise<Ended>) {
  const before = used();
  const { ids } = await run();
  const after = used();
  const lengths = await Promise.all(
    ids.map(async (id) => (await stand.client.workflow.getHandle(workflowIdOf(id)).describe()).raw),
  );
  const mean = (of: (raw: (typeof lengths)[number]) => unknown) =>
    lengths.reduce((sum, raw) => sum + Number(of(raw)), 0) / lengths.length;
  return {
    what,
    runs: ids.length,
    'worker CPU, ms a run': rounded(((after.worker - before.worker) * 1000) / ids.length, 1),
    'server CPU, ms a run': rounded(((after.server - before.server) * 1000) / ids.length, 1),
    'history, KB': rounded(mean((raw) => raw.workflowExecutionInfo?.historySizeBytes) / 1000, 1),
    events: rounded(
      mean((raw) => raw.workflowExecutionInfo?.historyLength),
      1,
    ),
  };
}

function used(): { worker: number; server: number } {
  const { user, system } = process.cpuUsage();
  return { worker: (user + system) / 1e6, server: cpuSeconds(stand.serverPid) };
}
