/**
 * What shows cost a worker that has more runs than it keeps in memory, beside one that keeps all of them: a run that is not in memory
 * is replayed when something happens to it. First where the others wait for another day, then the worst: twice as many shows as
 * places, which all end at one instant. With a server for each, one after the other.
 */
import { inParallel } from '../domain/in-parallel.ts';
import { shows } from './at-one-instant.ts';
import { cpuUsed, openStand, printRows, rounded, showOf } from './stand.ts';

const events = Number(process.env.EVENTS ?? '50');
const startedAtOnce = 20;

const roomForAll = await cost('all are kept', { waiting: 2 * events, places: 4 * events });
const waiting = await cost('the waiting ones are not kept', { waiting: 2 * events, places: 1.5 * events });
const worst = await cost('half of those that end are kept', { waiting: 0, places: events / 2 });
const toAll = (row: typeof roomForAll) => rounded(row['CPU, ms a show'] / roomForAll['CPU, ms a show']);
printRows('full-cache', [roomForAll, waiting, worst], {
  'CPU where others wait, to all kept': toAll(waiting),
  'CPU at worst, to all kept': toAll(worst),
});

async function cost(what: string, runs: { waiting: number; places: number }) {
  const stand = await openStand({ timeScale: 1, lists: true, maxCachedRuns: runs.places });
  const used = () => {
    const { worker, server } = cpuUsed(stand);
    return worker + server;
  };
  const startsAt = new Date(Date.now() + 6 * 3_600_000).toISOString();
  const later = Array.from({ length: runs.waiting }, () => showOf({ startsAt, duration: '1h' }));
  try {
    // The first runs compile what all others use.
    await shows(stand, 5);
    await inParallel(later, startedAtOnce, (plan) => stand.showcaller.start(plan));
    const before = used();
    await shows(stand, events);
    return {
      what,
      shows: events,
      waiting: runs.waiting,
      places: runs.places,
      'CPU, ms a show': rounded(((used() - before) * 1000) / events, 1),
    };
  } finally {
    await stand.close();
  }
}
