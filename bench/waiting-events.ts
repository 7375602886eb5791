/**
 * What events cost that wait for their encoder: with one poller for an account that can be listed, and with every
 * event looking for itself. Each form in a process of its own, one after the other.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inParallel } from '../domain/in-parallel.ts';
import { cpuUsed, openStand, pause, printRows, rounded, showOf, until } from './stand.ts';

const events = Number(process.env.EVENTS ?? 200);
const measuredMs = 20_000;
const startedAtOnce = 30;
/** Two forms are done in three minutes; more events than usual take longer to start. */
const limitMs = Math.max(85_000, events * 400);
const perMinute = 60_000 / measuredMs;

type Form = 'poller' | 'retry-as-poll';
const [form] = process.argv.slice(2);

if (form === 'poller' || form === 'retry-as-poll') await measure(form);
else compare();

function compare(): void {
  const rows = (['poller', 'retry-as-poll'] as const).map((each) => {
    const script = fileURLToPath(import.meta.url);
    const output = execFileSync(process.execPath, ['--import', 'tsx', script, each], {
      encoding: 'utf8',
      timeout: limitMs,
      // A worker takes SIGTERM for a wish to end in its own time.
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(output) as Row;
  });
  const [poller, poll] = rows;
  if (!poller || !poll) throw new Error('a form was not measured');
  const times = (name: 'vendor calls/min' | 'worker CPU s/min' | 'server CPU s/min') =>
    rounded(poll[name] / Math.max(poller[name], 0.01), 1);
  printRows('waiting-events', rows, {
    'vendor calls, retry-as-poll to poller': times('vendor calls/min'),
    'worker CPU, retry-as-poll to poller': times('worker CPU s/min'),
    'server CPU, retry-as-poll to poller': times('server CPU s/min'),
  });
}

type Row = Awaited<ReturnType<typeof waiting>>;

async function measure(each: Form): Promise<void> {
  process.stdout.write(JSON.stringify(await waiting(each)));
  // These events are not needed any more: the server ends with this process.
  process.exit(0);
}

async function waiting(each: Form) {
  const lists = each === 'poller';
  const stand = await openStand({ timeScale: 1, lists });
  const { vendor } = stand;
  await warm(stand);
  const rssBefore = process.memoryUsage().rss;
  const plans = Array.from({ length: events }, () =>
    showOf({ duration: '2h', waits: { firstConnect: '2h', encoderLost: '1h' } }),
  );
  await inParallel(plans, startedAtOnce, (plan) => stand.showcaller.start(plan));
  const open = () => [...vendor.channels.values()].filter((channel) => channel.open).length;
  await until(() => open() >= events, 250);
  await pause(2000);
  const before = snapshot();
  await pause(measuredMs);
  const after = snapshot();
  return {
    form: each,
    events,
    'vendor calls/min': rounded((after.calls - before.calls) * perMinute, 0),
    'worker CPU s/min': rounded((after.worker - before.worker) * perMinute),
    'server CPU s/min': rounded((after.server - before.server) * perMinute),
    'RSS per cached run, KB': rounded((process.memoryUsage().rss - rssBefore) / 1024 / events, 0),
  };

  function snapshot() {
    return { calls: vendor.count('observe') + vendor.listings, ...cpuUsed(stand) };
  }
}

/** The first run pays for the workflow's own context and for every lazily loaded module. */
async function warm(stand: Awaited<ReturnType<typeof openStand>>): Promise<void> {
  const plan = showOf({ duration: '1s', waits: { firstConnect: '1s' } });
  await stand.showcaller.start(plan);
  await stand.showcaller.result(plan.eventId);
}
