/**
 * What one more cached run adds to the memory of a worker: the slope of a line through several numbers of runs that wait for their time,
 * of shows and of bare runs that do nothing else. Each in a process of its own, so that neither gets what the other left.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { inParallel } from '../domain/in-parallel.ts';
import { startBareWorker } from './bare/worker.ts';
import { openStand, pause, printRows, rounded, type Stand, showOf, until } from './stand.ts';

const counts = (process.env.RUNS ?? '2000,4000,6000,8000,10000').split(',').map(Number);
const startedAtOnce = 30;
const settleMs = 3_000;
const waitsMs = 6 * 3_600_000;
// None of them is evicted.
const places = Math.max(...counts) + 10;

/** Runs that wait, and how many of them the worker has in memory. */
interface Waiting {
  start(more: number): Promise<unknown>;
  cachedRuns(): number;
}
type Case = 'bare' | 'show';
const cases: Readonly<Record<Case, (stand: Stand) => Promise<Waiting>>> = { bare, show };

const [, , asked] = process.argv;
if (asked === 'bare' || asked === 'show') await measure(asked);
else compare();

function compare(): void {
  const rows = (['bare', 'show'] as const).flatMap((what) => {
    const args = [...process.execArgv, import.meta.filename, what];
    const output = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    return (JSON.parse(output) as number[]).map((mb, n) => ({ what, runs: counts[n] ?? 0, 'RSS, MB': mb }));
  });
  const kbOf = (of: Case) =>
    slope(rows.flatMap(({ what, runs, ...row }) => (what === of ? [[runs, row['RSS, MB'] * 1024] as const] : [])));
  printRows('cached-runs', rows, {
    'KB for each bare run': rounded(kbOf('bare'), 0),
    'KB for each show': rounded(kbOf('show'), 0),
  });
}

/** Writes the memory of this process with so many runs, megabytes. */
async function measure(what: Case): Promise<void> {
  const stand = await openStand({ timeScale: 1, maxCachedRuns: places });
  const { start, cachedRuns } = await cases[what](stand);
  const megabytes: number[] = [];
  let started = 0;
  for (const count of counts) {
    await start(count - started);
    started = count;
    // A worker that is behind has not seen all of them yet.
    await until(() => cachedRuns() >= count);
    await pause(settleMs);
    megabytes.push(rounded(process.memoryUsage().rss / 2 ** 20, 1));
  }
  process.stdout.write(JSON.stringify(megabytes), () => {
    // These runs are not needed any more: the server ends with this process.
    process.exit(0);
  });
}

async function show({ showcaller, cachedRuns }: Stand): Promise<Waiting> {
  const startsAt = new Date(Date.now() + waitsMs).toISOString();
  const start = (more: number) => {
    const plans = Array.from({ length: more }, () => showOf({ startsAt, duration: '1h', warmUp: '15m' }));
    return inParallel(plans, startedAtOnce, (plan) => showcaller.start(plan));
  };
  return { start, cachedRuns };
}

async function bare(stand: Stand): Promise<Waiting> {
  const { taskQueue, cachedRuns } = await startBareWorker(stand, places);
  const begin = (id: string) =>
    stand.client.workflow.start('waiting', { taskQueue, workflowId: id, args: [{ id, until: Date.now() + waitsMs }] });
  const start = (more: number) =>
    inParallel(
      Array.from({ length: more }, () => `waiting-${randomUUID().slice(0, 8)}`),
      startedAtOnce,
      begin,
    );
  return { start, cachedRuns };
}

/** Of the line with the least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
