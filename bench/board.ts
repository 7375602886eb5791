/**
 * What boards and lists of live events cost: with no viewer, with one and with many, and how many lists of 200 events the API answers
 * beside a plain client of Temporal. The API, the viewers and the callers are processes of their own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { inParallel } from '../domain/in-parallel.ts';
import { startApi } from './board/api.ts';
import type { ListsAnswered, ListsAsked } from './board/lists.ts';
import { countCalls } from './board/server-metrics.ts';
import type { ViewersAsked, ViewersSeen } from './board/viewers.ts';
import { cpuSeconds, cpuUsed, openStand, pause, percentile, printRows, rounded, showOf, until } from './stand.ts';

const events = Number(process.env.EVENTS ?? 200);
const manyViewers = Number(process.env.VIEWERS ?? 500);
const measuredMs = Number(process.env.SECONDS ?? 20) * 1_000;
const listedMs = 10_000;
const listsAtOnce = 16;
const startedAtOnce = 20;
/** A board asks a run more often while it is new in its phase. */
const settledMs = 65_000;
/** What connections and first snapshots cost is not what viewers cost. */
const joinedMs = 5_000;
const perMinute = 60_000 / measuredMs;
const perSecond = 1_000 / measuredMs;

const stand = await openStand({ timeScale: 1, lists: true });
const load = () => rounded(loadavg()[0] ?? Number.NaN);
const loadBefore = load();
await inParallel(Array.from({ length: events }), startedAtOnce, goLive);
const liveAt = Date.now();
const calls = await countCalls(stand.serverPid);
const api = await startApi(stand);
try {
  const boards = [await boardsOf('new live events', 1)];
  await pause(Math.max(0, liveAt + settledMs - Date.now()));
  for (const viewers of [0, 1, manyViewers]) boards.push(await boardsOf('live events', viewers));
  printRows('board', boards, { events, 'load before': loadBefore });
  const loadOfLists = load();
  const lists: Awaited<ReturnType<typeof listsOf>>[] = [];
  for (const form of ['temporal', 'same', 'own'] as const) lists.push(await listsOf(form));
  const rate = (n: number) => lists[n]?.['answers/s'] ?? Number.NaN;
  printRows('lists', lists, {
    'load before': loadOfLists,
    'API to Temporal, the same list': rounded(rate(1) / rate(0)),
    'API to Temporal, a list of its own for each': rounded(rate(2) / rate(0)),
  });
} finally {
  await api.stop();
}
// The events are not needed any more: the server ends with this process.
process.exit();

async function goLive(): Promise<void> {
  const plan = showOf({ duration: '6h', waits: { firstConnect: '1h' } });
  await stand.showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  await until(() => stand.vendor.channels.get(name)?.open === true);
  stand.vendor.connect(name);
  await until(async () => (await stand.showcaller.summary(plan.eventId)).phase === 'live', 500);
}

async function boardsOf(what: string, viewers: number) {
  const audience =
    viewers > 0 ? start('viewers', { url: api.url, tokens: api.tokens, viewers } as ViewersAsked) : undefined;
  if (audience) await once(audience, 'message');
  await pause(joinedMs);
  const before = await snapshot();
  await pause(measuredMs);
  const after = await snapshot();
  const row = {
    what,
    viewers,
    'API CPU s/min': rounded((after.api - before.api) * perMinute),
    'worker CPU s/min': rounded((after.worker - before.worker) * perMinute),
    'server CPU s/min': rounded((after.server - before.server) * perMinute),
    'queries/s': rounded((after.queries - before.queries) * perSecond, 1),
    'describes/s': rounded((after.describes - before.describes) * perSecond, 1),
    'lists/s': rounded((after.lists - before.lists) * perSecond, 1),
    'streams ended': 0,
    'KB/s a viewer': 0,
  };
  if (!audience) return row;
  audience.send('count');
  const [{ ended, bytes }] = (await once(audience, 'message')) as [ViewersSeen];
  audience.disconnect();
  await once(audience, 'exit');
  const seconds = (joinedMs + measuredMs) / 1_000;
  return { ...row, 'streams ended': ended, 'KB/s a viewer': rounded(bytes / 1_024 / viewers / seconds) };
}

async function snapshot() {
  return { api: cpuSeconds(api.pid), ...cpuUsed(stand), ...(await calls()) };
}

async function listsOf(form: ListsAsked['form']) {
  const { address, namespace } = stand;
  const of = { url: api.url, tokens: api.tokens, address, namespace, atOnce: listsAtOnce, forMs: listedMs };
  const before = await snapshot();
  const callers = start('lists', { form, ...of } satisfies ListsAsked);
  const [{ took, others }] = (await once(callers, 'message')) as [ListsAnswered];
  const after = await snapshot();
  callers.disconnect();
  await once(callers, 'exit');
  took.sort((a, b) => a - b);
  return {
    form,
    'answers/s': rounded(took.length / (listedMs / 1_000), 1),
    'p50, ms': rounded(percentile(took, 0.5), 0),
    'p99, ms': rounded(percentile(took, 0.99), 0),
    'not 200':
      Object.entries(others)
        .map(([status, count]) => `${count} × ${status}`)
        .join(', ') || 0,
    'server CPU, ms each': rounded(((after.server - before.server) * 1_000) / took.length, 1),
    'API CPU, ms each': rounded(((after.api - before.api) * 1_000) / took.length, 1),
  };
}

/** A process that gets its question as a message, and answers with one. */
function start(name: 'viewers' | 'lists', asked: ViewersAsked | ListsAsked) {
  const script = fileURLToPath(new URL(`./board/${name}.ts`, import.meta.url));
  const child = fork(script, { execArgv: ['--import', 'tsx'] });
  child.send(asked);
  return child;
}
