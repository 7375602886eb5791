/**
 * How late the vendor is asked to stop when many shows end at the same instant, beside the least that Temporal needs for a
 * cue, and beside runs of the same steps that do nothing: in one process, on one server, one after the other.
 */
import { bareRuns, shows } from './at-one-instant.ts';
import { startBareWorker } from './bare/worker.ts';
import { lateness, openStand, printRows, rounded } from './stand.ts';

const counts = (process.env.EVENTS ?? '1,200').split(',').map(Number);

const stand = await openStand({ timeScale: 1, lists: true });
const bareWorker = await startBareWorker(stand);
try {
  const rows: Row[] = [];
  for (const events of counts)
    for (const measure of [() => ofBare('floor', events), () => ofBare('bare', events), () => ofShows(events)])
      rows.push(await measure());
  printRows('cue-lateness', rows, Object.fromEntries(counts.flatMap(ratiosOf(rows))));
} finally {
  await bareWorker.stop();
  await stand.close();
}

type Row = { what: string; 'at one instant': number } & ReturnType<typeof lateness>;

function ratiosOf(rows: readonly Row[]) {
  return (events: number): [string, number][] => {
    const p99 = (what: string) =>
      rows.find((row) => row.what === what && row['at one instant'] === events)?.['p99, ms'] ?? Number.NaN;
    const shows = p99('showcaller');
    return (['floor', 'bare'] as const).map((what) => [`p99 of ${events}, to ${what}`, rounded(shows / p99(what))]);
  };
}

function rowOf(what: string, late: readonly number[]): Row {
  return { what, 'at one instant': late.length, ...lateness(late) };
}

async function ofBare(workflow: 'floor' | 'bare', events: number): Promise<Row> {
  const { cue, ids } = await bareRuns(stand, bareWorker, workflow, events);
  return rowOf(
    workflow,
    ids.map((id) => (bareWorker.cueMet.get(id) ?? Number.NaN) - cue),
  );
}

async function ofShows(events: number): Promise<Row> {
  const { cue, ids } = await shows(stand, events);
  const stopped = new Map(
    stand.vendor.calls.filter(({ method }) => method === 'stop').map(({ name, at }) => [name, at]),
  );
  return rowOf(
    'showcaller',
    ids.map((id) => (stopped.get(`sc-${id}`) ?? Number.NaN) - cue),
  );
}
