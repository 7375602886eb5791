import { setTimeout as pause } from 'node:timers/promises';
import type { HintDoor } from '../client/vendor-events/deliver.ts';
import type { PushQueue, PushReader, QueuedMessage } from '../domain/vendor-events/inbound.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { vendors as everyVendor } from '../vendors/registry.ts';

export interface QueuesOptions {
  hints: HintDoor;
  accounts: Accounts;
  /** Default: all there are. */
  vendors?: typeof everyVendor;
  /** What an operator should know: a queue that cannot be read, a message that is none. Never a message's text. */
  log(line: string): void;
  /** Between two tries at a queue that cannot be read, milliseconds; doubled up to a hundred times as much. Default 500. */
  backoffMs?: number;
}

export interface RunningQueues {
  /** For people: which queues are read. */
  names: string[];
  /** Resolves when nothing is under way. */
  close(): Promise<void>;
}

interface Reading {
  vendor: string;
  queue: PushQueue;
  reader: PushReader;
  settings: Readonly<Record<string, string>>;
}

const mostBackoffs = 100;

/** Reads the queue of every account that has one, until it is closed. */
export async function startQueues(options: QueuesOptions): Promise<RunningQueues> {
  const readings = await opened(options);
  const stopping = new AbortController();
  const loops = readings.map((reading) => readOn(reading, options, stopping.signal));
  return {
    names: readings.map(({ queue }) => queue.name),
    close: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function opened({ accounts, vendors = everyVendor }: QueuesOptions): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (const { vendor: name, account } of accounts.all()) {
    const vendor = vendors.find((one) => one.name === name);
    if (!vendor?.queue || !vendor.push) continue;
    const queue = (await vendor.queue()).openQueue(account);
    if (queue) readings.push({ vendor: name, queue, reader: await vendor.push(), settings: account.settings });
  }
  return readings;
}

async function readOn(reading: Reading, options: QueuesOptions, stopping: AbortSignal): Promise<void> {
  const { queue } = reading;
  const { backoffMs = 500, log } = options;
  let failures = 0;
  while (!stopping.aborted) {
    try {
      const messages = await queue.receive(stopping);
      await Promise.all(messages.map((message) => handle(reading, options, message)));
      failures = 0;
    } catch (error) {
      if (stopping.aborted) return;
      if (failures === 0) log(`messages of ${queue.name} cannot be passed on; it is tried again: ${textOf(error)}`);
      const delayMs = backoffMs * Math.min(2 ** failures, mostBackoffs);
      failures += 1;
      await pause(delayMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

/** Off the queue goes what was told, what nobody waits for, and what is no message. It stays when Temporal is away. */
async function handle(reading: Reading, { hints, log }: QueuesOptions, message: QueuedMessage): Promise<void> {
  const { vendor, queue, reader, settings } = reading;
  const { body: raw } = message;
  const request = { method: 'POST', headers: {}, query: {}, raw, receivedAt: Date.now(), settings: [settings] };
  const read = reader.read({ ...request, body: parsed(raw) });
  if (read.kind === 'messages') await hints.pass(vendor, read.messages);
  else log(`message ${message.id} of ${queue.name} is none of ${vendor} and was taken off`);
  await queue.remove(message);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
