/**
 * The memory of a worker over many whole shows on the four simulated vendors: made, opened, sent to by a real encoder,
 * recorded, proved, released. Fails when a show fails, something is left at a vendor, or the live heap grows.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ShowcallerClient } from '../client/client.ts';
import { acceptsEncoder } from '../domain/phases.ts';
import type { Plan } from '../domain/plan.ts';
import type { EventStatus } from '../domain/report.ts';
import { startEncoder } from '../simulators/kit/encoder.ts';
import { type RunningSimulators, startSimulators } from '../simulators/start.ts';
import { connect } from '../temporal/connection.ts';
import { startEmbeddedServer } from '../temporal/dev-server/embedded-server.ts';
import { accountsFrom, driverContext } from '../test/support/accounts.ts';
import { driversOf } from '../vendors/drivers.ts';
import { ingestEndpoints } from '../vendors/ingest.ts';
import { vendors } from '../vendors/registry.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import type { MemoryAnswer } from './soak-worker.ts';
import { pause, percentile, printRows, rounded, until } from './stand.ts';

const events = Number(process.env.EVENTS ?? 500);
/** How many shows are on at any time; the next begins when one has ended. */
const atOnce = Number(process.env.AT_ONCE ?? 10);
/** Every wait takes this share of its usual time: an hour of the real day in six minutes. */
const timeScale = 0.1;
const showMs = 8_000;
/** The live heap of the last quarter may be above that of the second by this share. */
const mostGrowth = 0.1;
const megabyte = 1024 * 1024;

const taskQueue = `soak-${randomUUID()}`;
const temporal = await startEmbeddedServer({ searchAttributes: Object.values(searchAttributes) });
const simulators = await startSimulators({ slowness: timeScale });
const drivers = driversOf(accountsFrom(simulators.env), driverContext);
const { client: temporalClient } = await connect({ address: temporal.address, namespace: temporal.namespace });
const client = new ShowcallerClient(temporalClient, { taskQueue });
const worker = await startWorker();
const startedAt = Date.now();
const samples: (MemoryAnswer & { done: number })[] = [];
const reports: EventStatus[] = [];
const underway = new Set<string>();

// Each vendor's SDK is loaded at its first use, which keeps a worker busy for seconds.
for (const { name } of vendors) await oneShow(`soak-warm-up-${name}`, name);
await Promise.all(Array.from({ length: atOnce }, () => oneAfterTheOther()));
worker.kill('SIGTERM');
await once(worker, 'exit');
const left = leftAt(simulators);
const failed = report();
await simulators.close();
await temporal.stop();
process.exit(failed ? 1 : 0);

async function oneAfterTheOther(): Promise<void> {
  for (;;) {
    const n = reports.length + underway.size;
    if (n >= events) return;
    const eventId = `soak-${n}-${randomUUID().slice(0, 6)}`;
    underway.add(eventId);
    const status = await oneShow(eventId, vendors[n % vendors.length]?.name ?? '');
    underway.delete(eventId);
    reports.push(status);
    if (reports.length % Math.max(1, Math.floor(events / 50)) === 0) {
      const memory = await memoryOf(worker);
      samples.push({ ...memory, done: reports.length });
      const { heapUsed, rss } = memory;
      process.stderr.write(`${reports.length} done, heap ${mb(heapUsed)} MB, resident ${mb(rss)} MB\n`);
    }
  }
}

/** A show whose encoder drops once in every third. */
async function oneShow(eventId: string, vendor: string): Promise<EventStatus> {
  const n = reports.length;
  const plan: Plan = {
    eventId,
    vendor,
    duration: '30m',
    warmUp: '0s',
    startLead: '0s',
    waits: { firstConnect: '60s', encoderLost: '60s' },
  };
  await client.start(plan);
  await send(eventId, showMs / 2, n % 3 === 0);
  await send(eventId, showMs / 2, false);
  await client.stopNow(eventId, { by: 'soak', reason: 'enough was sent' });
  return client.result(eventId);
}

async function send(eventId: string, ms: number, drops: boolean): Promise<void> {
  const url = await ingestWhenOpen(eventId);
  const encoder = await startEncoder({ url });
  await until(async () => (await client.status(eventId)).phase === 'live', 250);
  await pause(ms);
  await (drops ? encoder.drop() : encoder.stop());
}

async function ingestWhenOpen(eventId: string): Promise<string> {
  for (;;) {
    const { phase, channel, endReason } = await client.status(eventId);
    if (endReason) throw new Error(`${eventId} ended before its encoder came: ${endReason}`);
    const [endpoint] = channel && acceptsEncoder(phase) ? await ingestEndpoints(drivers, channel) : [];
    if (endpoint) return endpoint.url;
    await pause(250);
  }
}

function report(): boolean {
  const quarter = (n: number) => samples.slice(Math.floor((samples.length * (n - 1)) / 4), (samples.length * n) / 4);
  const median = (of: typeof samples, key: 'heapUsed' | 'rss') =>
    percentile(
      of.map((sample) => sample[key]).sort((a, b) => a - b),
      0.5,
    );
  const heapGrowth = median(quarter(4), 'heapUsed') / median(quarter(2), 'heapUsed') - 1;
  const unproved = reports.filter(({ vod }) => vod.length === 0 || !vod.every(({ proof }) => proof.proved));
  const rows = [1, 2, 3, 4].map((n) => ({
    quarter: n,
    'events done': quarter(n).at(-1)?.done ?? 0,
    'live heap, MB': mb(median(quarter(n), 'heapUsed')),
    'resident, MB': mb(median(quarter(n), 'rss')),
  }));
  printRows('soak', rows, {
    events: reports.length,
    minutes: rounded((Date.now() - startedAt) / 60_000, 1),
    'proved recordings': reports.length - unproved.length,
    'left at the vendors': left.length,
    'growth of the live heap, last quarter to second': rounded(heapGrowth, 3),
  });
  for (const { eventId, vendor, endReason, endDetail } of unproved) {
    process.stderr.write(`not proved: ${eventId} on ${vendor}: ${endReason}: ${endDetail}\n`);
  }
  for (const one of left) process.stderr.write(`left: ${one}\n`);
  return unproved.length > 0 || left.length > 0 || !(heapGrowth <= mostGrowth);
}

async function startWorker(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./soak-worker.ts', import.meta.url));
  const args = [temporal.address, temporal.namespace, taskQueue, String(timeScale)];
  const child = fork(script, args, {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    env: { ...process.env, ...simulators.env },
  });
  await once(child, 'message');
  return child;
}

async function memoryOf(child: ChildProcess): Promise<MemoryAnswer> {
  child.send('memory');
  const [answer] = (await once(child, 'message')) as [MemoryAnswer];
  return answer;
}

/** Only what costs and was made for a show: recordings stay, and so does the account's way to its players. */
function leftAt({ running }: RunningSimulators): string[] {
  const billed = running.flatMap((one) => one.resources()).filter((resource) => resource.billed);
  const ofShows = billed.filter(({ name }) => name.includes('soak-'));
  return ofShows.map(({ vendor, kind, name }) => `${vendor} ${kind} ${name}`);
}

function mb(bytes: number): number {
  return rounded(bytes / megabyte, 1);
}
