import { setTimeout as pause } from 'node:timers/promises';
import { Remembered } from '../client/remembered.ts';
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
  /** Those that a message may be about: all that have this queue, and all that have none, whose events may be forwarded here. */
  accounts: VendorEventAccount[];
  /** The queues of which the log says that they have events of other accounts: not for each message. */
  foreignSaid: Remembered<true>;
}

const mostBackoffs = 100;
const foreignSaidEveryMs = 3600_000;

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
  const opened: { vendor: string; account: VendorEventAccount; queue?: VendorEventQueue; parser: VendorEventReader }[] =
    [];
  for (const { vendor: name, account } of accounts.all()) {
    const vendor = vendors.find((one) => one.name === name);
    if (!vendor) continue;
    const queue = await eventQueueOf(vendor, account, accounts, context);
    const parser = await eventReaderOf(vendor, accounts);
    if (parser) opened.push({ vendor: name, account, parser, ...(queue && { queue }) });
  }
  const foreignSaid = new Remembered<true>(foreignSaidEveryMs);
  return opened.flatMap(({ vendor, queue, parser }) => {
    if (!queue) return [];
    const others = opened.filter((one) => one.vendor === vendor && (!one.queue || one.queue.id === queue.id));
    return { vendor, queue, parser, accounts: others.map(({ account }) => account), foreignSaid };
  });
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
  const { vendor, queue, parser, accounts, foreignSaid } = reader;
  const { body: raw } = message;
  const request = { method: 'POST', headers: {}, query: {}, raw, receivedAt: Date.now(), accounts };
  const read = parser.read({ ...request, body: parsed(raw) });
  if (read.kind === 'messages') {
    if (read.foreign !== undefined && !foreignSaid.has(queue.id)) {
      foreignSaid.set(queue.id, true);
      log(
        `message ${message.id} from queue ${queue.name} is about a channel of ${read.foreign}; deleted, as all like it: no account of ${vendor} is there that has this queue or none. Configure that account, or give it this queue. The next such message of the queue is logged in an hour`,
      );
    }
    await delivery.deliver(vendor, read.messages);
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
