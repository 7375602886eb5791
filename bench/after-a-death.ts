/**
 * How late cues are after one of two workers has died, and after one has stopped, beside the same shows with both: on one server, one
 * case after the other. Each worker is a process; the vendor in memory is in this one.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ShowcallerClient } from '../client/client.ts';
import { inParallel } from '../domain/in-parallel.ts';
import { ended, leadMs, onAir } from './at-one-instant.ts';
import { cpuSeconds, lateness, printRows, roomyVendor, rounded } from './stand.ts';
import { openTemporal } from './temporal.ts';
import { startWorkerProcess } from './worker-process/start.ts';

const events = Number(process.env.EVENTS ?? '200');
/** Shows that end before the blow: their last steps are under way when it comes. */
const before = Math.ceil(events / 5);
const spreadMs = 10_000;
const historiesAtOnce = 20;
/** `EventType` of Temporal. */
const [taskScheduled, taskTimedOut, activityTimedOut] = [5, 8, 14];

const signals = { undisturbed: undefined, killed: 'SIGKILL', stopped: 'SIGTERM' } as const;
type Case = keyof typeof signals;

const temporal = await openTemporal();
try {
  const [undisturbed, killed, stopped] = [await rowOf('undisturbed'), await rowOf('killed'), await rowOf('stopped')];
  const names = ['workflow tasks a run', 'server CPU, ms a run', 'worker CPU, ms a run'] as const;
  const differences = [killed, stopped].flatMap((row) => [
    [`${row.case}: p99 later than undisturbed by, ms`, row['p99, ms'] - undisturbed['p99, ms']] as const,
    ...names.map((name) => [`${row.case}: ${name}, to undisturbed`, rounded(row[name] / undisturbed[name])] as const),
  ]);
  printRows('after-a-death', [undisturbed, killed, stopped], Object.fromEntries(differences));
} finally {
  await temporal.close();
}

async function rowOf(name: Case) {
  const vendor = roomyVendor(true);
  const taskQueue = `bench-${name}-${randomUUID()}`;
  const workers = await Promise.all([1, 2].map(() => startWorkerProcess({ ...temporal, taskQueue }, vendor)));
  const stand = { showcaller: new ShowcallerClient(temporal.client, { taskQueue }), vendor };
  const blow = Date.now() + leadMs(events + before) + spreadMs;
  const ends = [
    ...Array.from({ length: before }, (_, i) => blow - (spreadMs * (i + 1)) / before),
    ...Array.from({ length: events }, (_, i) => blow + (spreadMs * (i + 1)) / events),
  ];
  const used = () => ({
    server: cpuSeconds(temporal.serverPid),
    worker: workers.reduce((sum, worker) => sum + worker.cpuSeconds(), 0),
  });

  const ids = await onAir(stand, ends);
  await pause(Math.max(0, blow - Date.now()));
  const usedBefore = used();
  const signal = signals[name];
  if (signal) workers[0]?.end(signal);
  const blownAt = Date.now();
  const reports = await ended(stand, ids);
  if (signal) await workers[0]?.ended;
  const usedAfter = used();

  const lateLive = reports.filter(({ entered }) => (entered.live ?? Number.POSITIVE_INFINITY) >= blow - spreadMs);
  if (lateLive.length > 0) throw new Error(`${lateLive.length} of ${ids.length} shows were not live before the blow`);
  const stops = new Map(vendor.calls.filter(({ method }) => method === 'stop').map((call) => [call.name, call.at]));
  const late = ids.map((id, i) => (stops.get(`sc-${id}`) ?? Number.NaN) - (ends[i] ?? 0));
  const counts = await countsOf(ids.slice(before));
  for (const worker of workers) worker.end('SIGTERM');
  await Promise.all(workers.map((worker) => worker.ended));
  const perRun = (seconds: number) => rounded((seconds * 1000) / events, 1);
  return {
    case: name,
    cues: events,
    ...lateness(late.slice(before)),
    'worst of those before, ms': lateness(late.slice(0, before))['worst, ms'],
    ...counts,
    'stop calls': vendor.count('stop'),
    'server CPU, ms a run': perRun(usedAfter.server - usedBefore.server),
    'worker CPU, ms a run': perRun(usedAfter.worker - usedBefore.worker),
    'blow late, ms': blownAt - blow,
  };
}

/** What a storm would be made of. Tasks that timed out are those for which the dead worker was waited. */
async function countsOf(ids: readonly string[]) {
  let [tasks, timedOut, activities] = [0, 0, 0];
  await inParallel(ids, historiesAtOnce, async (id) => {
    const { events = [] } = await temporal.client.workflow.getHandle(`live-event/${id}`).fetchHistory();
    const count = (type: number) => (events ?? []).filter(({ eventType }) => eventType === type).length;
    tasks += count(taskScheduled ?? 0);
    timedOut += count(taskTimedOut ?? 0);
    activities += count(activityTimedOut ?? 0);
  });
  return {
    'workflow tasks a run': rounded(tasks / ids.length),
    'of these timed out': timedOut,
    'steps timed out': activities,
  };
}
