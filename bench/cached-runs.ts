/** What one more cached run adds to the memory of a worker: the slope of a line through several numbers of runs that wait. */
import { inParallel } from '../domain/in-parallel.ts';
import { openStand, pause, printRows, rounded, showOf, until } from './stand.ts';

const counts = (process.env.RUNS ?? '300,600,900,1200').split(',').map(Number);
const startedAtOnce = 30;
const settleMs = 3_000;

// None of them is evicted.
const stand = await openStand({ timeScale: 1, maxCachedRuns: Math.max(...counts) + 10 });
const startsAt = new Date(Date.now() + 6 * 3_600_000).toISOString();
const rows: { runs: number; 'RSS, MB': number }[] = [];
for (const count of counts) {
  const more = count - (rows.at(-1)?.runs ?? 0);
  const plans = Array.from({ length: more }, () => showOf({ startsAt, duration: '1h', warmUp: '15m' }));
  await inParallel(plans, startedAtOnce, (plan) => stand.showcaller.start(plan));
  // A worker that is behind has not seen all of them yet.
  await until(() => stand.cachedRuns() >= count);
  await pause(settleMs);
  rows.push({ runs: count, 'RSS, MB': rounded(process.memoryUsage().rss / 2 ** 20, 1) });
}
printRows('cached-runs', rows, {
  'KB for each run': rounded(slope(rows.map((row) => [row.runs, row['RSS, MB'] * 1024])), 0),
});
// These runs are not needed any more: the server ends with this process.
process.exit(0);

/** Of the line with the least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
