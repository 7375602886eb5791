import { setTimeout as pause } from 'node:timers/promises';
import type { VendorEventDelivery } from '../client/vendor-events/deliver.ts';
import { messageOf } from '../domain/message-of.ts';
import type {
  QueuedMessage,
  VendorEventAccount,
  VendorEventQueue,
  VendorEventReader,
} from '../domain/vendor-events/inbound.ts';
import type { Accounts } from '../vendors/accounts.ts';
import type { DriverContext } from '../vendors/context.ts';
import { eventQueueOf, eventReaderOf } from '../vendors/drivers.ts';
import { vendors as everyVendor } from '../vendors/registry.ts';

export interface QueuesOptions {
  delivery: VendorEventDelivery;
  accounts: Accounts;
  context: DriverContext;
  /** Default: all there are. */
  vendors?: typeof everyVendor;
  /** For operators: a queue that cannot be read, a message that is not a vendor event. Never a message's text. */
  log(line: string): void;
  /** Delay before a queue that cannot be read is tried again, milliseconds; doubles up to a hundredfold. Default 500. */
  backoffMs?: number;
}

export interface RunningQueues {
  /** The queues that are read, for people. */
  names: string[];
  /** Resolves when no message is being handled. */
  close(): Promise<void>;
}

interface QueueReader {
  vendor: string;
  queue: VendorEventQueue;
  parser: VendorEventReader;
  /** All that have this queue: a message of theirs may be about a channel of each. */
  accounts: VendorEventAccount[];
}

const mostBackoffs = 100;

/** Reads the queue of every account that has one, until it is closed. */
export async function startQueues(options: QueuesOptions): Promise<RunningQueues> {
  const readers = await openQueues(options);
  const stopping = new AbortController();
  const loops = readers.map((reader) => readUntil(stopping.signal, reader, options));
  return {
    names: readers.map(({ queue }) => queue.name),
    close: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function openQueues({ accounts, context, vendors = everyVendor }: QueuesOptions): Promise<QueueReader[]> {
  const readers: QueueReader[] = [];
  const sharing = new Map<string, VendorEventAccount[]>();
  for (const { vendor: name, account } of accounts.all()) {
    const vendor = vendors.find((one) => one.name === name);
    if (!vendor) continue;
    const queue = await eventQueueOf(vendor, account, accounts, context);
    const parser = queue && (await eventReaderOf(vendor, accounts));
    if (!queue || !parser) continue;
    const ofQueue = sharing.get(queue.name) ?? [];
    ofQueue.push(account);
    sharing.set(queue.name, ofQueue);
    readers.push({ vendor: name, queue, parser, accounts: ofQueue });
  }
  return readers;
}

async function readUntil(stopping: AbortSignal, reader: QueueReader, options: QueuesOptions): Promise<void> {
  const { queue } = reader;
  const { backoffMs = 500, log } = options;
  let failures = 0;
  while (!stopping.aborted) {
    try {
      const messages = await queue.receive(stopping);
      await Promise.all(messages.map((message) => handle(reader, options, message)));
      failures = 0;
    } catch (error) {
      if (stopping.aborted) return;
      if (failures === 0)
        log(`cannot pass on the messages of queue ${queue.name}; the API retries: ${messageOf(error)}`);
      const delayMs = backoffMs * Math.min(2 ** failures, mostBackoffs);
      failures += 1;
      await pause(delayMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

/** Deletes the message once it is delivered, of no use, or not a vendor event; keeps it when Temporal does not answer. */
async function handle(reader: QueueReader, { delivery, log }: QueuesOptions, message: QueuedMessage): Promise<void> {
  const { vendor, queue, parser, accounts } = reader;
  const { body: raw } = message;
  const request = { method: 'POST', headers: {}, query: {}, raw, receivedAt: Date.now(), accounts };
  const read = parser.read({ ...request, body: parsed(raw) });
  if (read.kind === 'messages') {
    // Only these accounts are known to let their vendor write there.
    const messages = read.messages.flatMap((one) =>
      one.account ? one : accounts.map(({ name }) => ({ ...one, account: name })),
    );
    await delivery.deliver(vendor, messages);
  } else log(`message ${message.id} from queue ${queue.name} is not an event of ${vendor}; deleted`);
  await queue.remove(message);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
