/**
 * How late the vendor is asked to stop when many shows end at the same instant, beside the least that Temporal needs for a
 * cue, and beside runs of the same steps that do nothing: in one process, on one server, one after the other.
 */
import { randomUUID } from 'node:crypto';
import { inParallel } from '../domain/in-parallel.ts';
import type { Plan } from '../domain/plan.ts';
import { startBareWorker } from './bare/worker.ts';
import { openStand, percentile, printRows, rounded, showOf, until } from './stand.ts';

const counts = (process.env.EVENTS ?? '1,200').split(',').map(Number);
const startedAtOnce = 20;
/** Time for all of them to wait for their cue before it comes: an idle machine needs a tenth of it. */
const leadMs = (events: number) => 15_000 + 600 * events;

const stand = await openStand({ timeScale: 1 });
const bareWorker = await startBareWorker(stand.address, stand.namespace);
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

type Row = { what: string; 'at one instant': number; 'p50, ms': number; 'p99, ms': number; 'worst, ms': number };

function ratiosOf(rows: readonly Row[]) {
  return (events: number): [string, number][] => {
    const p99 = (what: string) =>
      rows.find((row) => row.what === what && row['at one instant'] === events)?.['p99, ms'] ?? Number.NaN;
    const shows = p99('showcaller');
    return (['floor', 'bare'] as const).map((what) => [`p99 of ${events}, to ${what}`, rounded(shows / p99(what))]);
  };
}

function rowOf(what: string, late: number[]): Row {
  late.sort((a, b) => a - b);
  const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => percentile(late, share));
  return { what, 'at one instant': late.length, 'p50, ms': p50 ?? 0, 'p99, ms': p99 ?? 0, 'worst, ms': worst ?? 0 };
}

async function ofBare(workflow: 'floor' | 'bare', events: number): Promise<Row> {
  const { taskQueue, cueMet } = bareWorker;
  const cue = Date.now() + leadMs(events);
  const ids = Array.from({ length: events }, () => `${workflow}-${randomUUID().slice(0, 8)}`);
  await inParallel(ids, startedAtOnce, (id) =>
    stand.client.workflow.start(workflow, { taskQueue, workflowId: id, args: [{ id, until: cue }] }),
  );
  inTime(cue);
  await Promise.all(ids.map((id) => stand.client.workflow.getHandle(id).result()));
  return rowOf(
    workflow,
    ids.map((id) => (cueMet.get(id) ?? Number.NaN) - cue),
  );
}

async function ofShows(events: number): Promise<Row> {
  const endsAt = Date.now() + leadMs(events);
  const plans = Array.from({ length: events }, () =>
    showOf({ endsAt: new Date(endsAt).toISOString(), waits: { firstConnect: '10m' } }),
  );
  await inParallel(plans, startedAtOnce, (plan) => goLive(plan, endsAt));
  inTime(endsAt);
  const reports = await Promise.all(plans.map(({ eventId }) => stand.showcaller.result(eventId)));
  const others = reports.filter(({ endReason }) => endReason !== 'reached-end');
  if (others.length > 0) throw new Error(`${others.length} of ${events} shows ended by ${others[0]?.endReason}`);
  const stopped = new Map(
    stand.vendor.calls.filter(({ method }) => method === 'stop').map(({ name, at }) => [name, at]),
  );
  return rowOf(
    'showcaller',
    plans.map(({ eventId }) => (stopped.get(`sc-${eventId}`) ?? Number.NaN) - endsAt),
  );
}

/** What is not measured well is not measured. */
function inTime(cue: number): void {
  if (Date.now() > cue - 2_000) throw new Error('the machine is too slow: the cue came before all runs waited for it');
}

async function goLive(plan: Plan & { eventId: string }, endsAt: number): Promise<void> {
  await stand.showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  await until(() => {
    // A show that is over is never opened.
    inTime(endsAt);
    return stand.vendor.channels.get(name)?.open === true;
  });
  stand.vendor.connect(name);
}
