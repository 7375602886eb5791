/**
 * What a whole show costs in CPU of the worker and of the server and in bytes of history, beside bare runs with the same steps and
 * phases whose activities do nothing: as Temporal does them by itself, and with the settings of ours. All on one server, in turns. The
 * workers are in this process, with their clients. A show without an address to watch has the steps of a bare run; one that is
 * watched has a signal more, and is looked at every two seconds.
 */
import { bareRuns, type Ended, shows } from './at-one-instant.ts';
import { startBareWorker, startPlainWorker } from './bare/worker.ts';
import { cpuUsed, openStand, printRows, rounded } from './stand.ts';

const events = Number(process.env.EVENTS ?? '50');
/** Each case has so many turns, so that what else the machine does falls on all of them. */
const turns = 2;

const columns = ['CPU, ms a run', 'of it worker', 'of it server', 'history, KB', 'events'] as const;

let hasViewers = true;
const stand = await openStand({ timeScale: 1, lists: true, hasViewers: () => hasViewers });
const bareWorker = await startBareWorker(stand);
const plainWorker = await startPlainWorker(stand);
const cases: Record<string, (n: number) => Promise<Ended>> = {
  'bare, without settings': (n) => bareRuns(stand, plainWorker, 'plain', n),
  'bare, with our settings': (n) => bareRuns(stand, bareWorker, 'bare', n),
  'showcaller, no address to watch': (n) => watched(n, false),
  'showcaller, watched': (n) => watched(n, true),
};
try {
  // A worker in use has its code compiled; a show has more of it than a bare run.
  for (const run of Object.values(cases)) await run(events);
  const costs = new Map<string, Cost[]>();
  for (let turn = 0; turn < turns; turn += 1)
    for (const [name, run] of Object.entries(cases))
      costs.set(name, [...(costs.get(name) ?? []), await costOf(name, () => run(events))]);
  const rows = [...costs].map(([what, ofTurns]) => ({ what, runs: events * turns, ...meanOf(ofTurns) }));
  const [plain, ...others] = rows;
  if (!plain) throw new Error('nothing was measured');
  const ratios = others.flatMap((row) =>
    columns.map(
      (column) => [`${row.what}: ${column}, to bare without settings`, rounded(row[column] / plain[column])] as const,
    ),
  );
  printRows('show-cost', rows, Object.fromEntries(ratios));
} finally {
  await Promise.all([bareWorker.stop(), plainWorker.stop()]);
  await stand.close();
}

function watched(n: number, isWatched: boolean): Promise<Ended> {
  hasViewers = isWatched;
  return shows(stand, n);
}

type Cost = Record<(typeof columns)[number], number>;

function meanOf(costs: readonly Cost[]): Cost {
  const mean = (column: keyof Cost) => rounded(costs.reduce((sum, cost) => sum + cost[column], 0) / costs.length, 1);
  return Object.fromEntries(columns.map((column) => [column, mean(column)])) as Cost;
}

async function costOf(what: string, run: () => Promise<Ended>): Promise<Cost> {
  const before = cpuUsed(stand);
  const { ids } = await run();
  const after = cpuUsed(stand);
  const workflowIdOf = (id: string) => (what.startsWith('bare') ? id : `live-event/${id}`);
  const lengths = await Promise.all(
    ids.map(async (id) => (await stand.client.workflow.getHandle(workflowIdOf(id)).describe()).raw),
  );
  const mean = (of: (raw: (typeof lengths)[number]) => unknown) =>
    lengths.reduce((sum, raw) => sum + Number(of(raw)), 0) / lengths.length;
  const perRun = (part: 'worker' | 'server') => ((after[part] - before[part]) * 1000) / ids.length;
  return {
    'CPU, ms a run': perRun('worker') + perRun('server'),
    'of it worker': perRun('worker'),
    'of it server': perRun('server'),
    'history, KB': mean((raw) => raw.workflowExecutionInfo?.historySizeBytes) / 1000,
    events: mean((raw) => raw.workflowExecutionInfo?.historyLength),
  };
}
