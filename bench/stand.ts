import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Client } from '@temporalio/client';
import { ShowcallerClient } from '../client/client.ts';
import type { Plan } from '../domain/plan.ts';
import { fakeAccounts } from '../test/support/accounts.ts';
import { FakeVendor } from '../test/support/fake-driver.ts';
import { bundleNow } from '../worker/bundle-now.ts';
import { runWorker } from '../worker/run.ts';
import { liveStreamOf } from './live-stream.ts';
import { benchWorker, openTemporal } from './temporal.ts';

/** A server, a vendor in memory and a worker in this process. */
export interface Stand {
  client: Client;
  showcaller: ShowcallerClient;
  vendor: FakeVendor;
  /** The vendor as the second account sees it; has no channel of the first. */
  otherVendor: FakeVendor;
  serverPid: number | undefined;
  /** How many runs the worker has in memory. */
  cachedRuns(): number;
  address: string;
  namespace: string;
  taskQueue: string;
  close(): Promise<void>;
}

export interface StandOptions {
  /** Multiplies every wait of the activities. */
  timeScale: number;
  /** The vendor lists its live channels, so that one poller follows them. */
  lists?: boolean;
  /** Whether the show that is allocated now has an address to watch it at, so that the poller looks as a viewer. Default: it has. */
  hasViewers?: () => boolean;
  /** Default: that of the tests, which a bench of more runs needs larger. */
  maxCachedRuns?: number;
}

export async function openStand({
  timeScale,
  lists = false,
  hasViewers = () => true,
  maxCachedRuns,
}: StandOptions): Promise<Stand> {
  const temporal = await openTemporal();
  const { client } = temporal;
  const taskQueue = `bench-${randomUUID()}`;
  const [vendor, otherVendor] = [roomyVendor(lists), roomyVendor(lists)];
  const config = benchWorker(
    { ...temporal, taskQueue },
    {
      accounts: fakeAccounts('default', otherAccount),
      timeScale,
      ...(maxCachedRuns !== undefined && { maxCachedRuns }),
    },
  );
  const worker = await runWorker(config, {
    bundle: await bundleNow(),
    drivers: async (_vendor, account) => {
      const driver = (account === otherAccount ? otherVendor : vendor).driver(account);
      return { ...driver, playback: async (channel) => (hasViewers() ? driver.playback(channel) : {}) };
    },
    viewer: liveStreamOf(vendor, otherVendor),
    poller: lists,
  });
  return {
    ...temporal,
    showcaller: new ShowcallerClient(client, { taskQueue }),
    vendor,
    otherVendor,
    cachedRuns: () => worker.worker.getStatus().numCachedWorkflows,
    taskQueue,
    async close() {
      await worker.stop();
      await temporal.close();
    },
  };
}

/** The second account of a stand's worker. */
export const otherAccount = 'other';

/** An account that has room for all of them: shows beyond its quota would be refused, and not cost what shows cost. */
export function roomyVendor(lists: boolean): FakeVendor {
  const vendor = new FakeVendor();
  return Object.assign(vendor, { lists, quota: 100_000 });
}

/** A show of the fake vendor. */
export const showOf = (plan: Partial<Plan>): Plan & { eventId: string } => ({
  eventId: `b-${randomUUID().slice(0, 13)}`,
  vendor: 'alibaba-oss',
  warmUp: '1s',
  startLead: '1s',
  ...plan,
});

/** Waits for a condition of a bench; a bench has a limit of its own. */
export async function until(condition: () => boolean | Promise<boolean>, everyMs = 50): Promise<void> {
  while (!(await condition())) await pause(everyMs);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU seconds that a process has used so far; Linux only. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function cpuSeconds(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** CPU seconds that this process, with the worker in it, and the server have used so far. */
export function cpuUsed({ serverPid }: Pick<Stand, 'serverPid'>): { worker: number; server: number } {
  const { user, system } = process.cpuUsage();
  return { worker: (user + system) / 1e6, server: cpuSeconds(serverPid) };
}

/** The share of `sorted` that is at most this; `sorted` ascending. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

/** How late, as the columns of a row; milliseconds. */
export function lateness(late: readonly number[]) {
  const sorted = late.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(percentile(sorted, share), 0);
  return { 'p50, ms': at(0.5), 'p99, ms': at(0.99), 'worst, ms': at(1) };
}

/** Where it was measured: numbers of two machines cannot be compared, ratios can. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
});

type Cell = string | number;

/** One JSON document on stdout; the same as a table on stderr, for people. */
export function printRows(
  bench: string,
  rows: readonly Record<string, Cell>[],
  conclusions: Record<string, Cell>,
): void {
  process.stdout.write(`${JSON.stringify({ bench, machine: machine(), rows, conclusions })}\n`);
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, names.map(() => '---'), ...rows.map((row) => names.map((name) => String(row[name])))];
  process.stderr.write(`${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
  for (const [name, value] of Object.entries(conclusions)) process.stderr.write(`${name}: ${value}\n`);
}

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
