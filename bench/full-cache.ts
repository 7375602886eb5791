/**
 * What shows cost a worker that has twice as many runs as it keeps in memory, beside one that keeps all of them: a run that is
 * not in memory is replayed when something happens to it. On a server for each, one after the other.
 */
import { shows } from './at-one-instant.ts';
import { cpuSeconds, openStand, printRows, rounded } from './stand.ts';

const events = Number(process.env.EVENTS ?? '100');

const all = await costWith(events + 10);
const half = await costWith(events / 2);
printRows('full-cache', [all, half], {
  'CPU with half of the places, to all': rounded(half['CPU, ms a run'] / all['CPU, ms a run']),
});

async function costWith(maxCachedRuns: number) {
  const stand = await openStand({ timeScale: 1, lists: true, maxCachedRuns });
  const used = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6 + cpuSeconds(stand.serverPid);
  };
  try {
    // The first runs compile what all others use.
    await shows(stand, 5);
    const before = used();
    await shows(stand, events);
    return {
      runs: events,
      'kept in memory': maxCachedRuns,
      'CPU, ms a run': rounded(((used() - before) * 1000) / events, 1),
    };
  } finally {
    await stand.close();
  }
}
