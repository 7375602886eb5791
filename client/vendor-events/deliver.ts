import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { channelOf, isPlainKey, onChannels, runningEvents } from '../../domain/search-attributes.ts';
import type { VendorEventMessage } from '../../domain/vendor-events/inbound.ts';
import { readVendorEvent, type VendorEvent } from '../../domain/vendor-events/vendor-event.ts';
import { Remembered } from '../remembered.ts';
import { ChannelQueue, type DeliveryLimits } from './queue.ts';

/** How many messages of a request were delivered, and why the others were not. */
export interface DeliveryCounts {
  /** Delivered to a running event, or queued for its next signal. */
  delivered: number;
  /** Known already: a second delivery, or a report that repeats the last one. */
  known: number;
  /** No running event owns the channel. */
  unknown: number;
  /** Not a vendor event. */
  malformed: number;
  /** Those of the same channel had no room for them, or for as many earlier ones: the newest go with the next signal. */
  dropped: number;
  /** The request names more channels that were not looked up lately than one request may. */
  notLookedUp: number;
}

/** Delivers vendor events to the runs whose channels they are about. */
export interface VendorEventDelivery {
  /** Resolves once Temporal has the signals; rejects when Temporal does not answer, and the sender should send again. */
  deliver(vendor: string, messages: readonly VendorEventMessage[]): Promise<DeliveryCounts>;
}

/** What delivery asks of Temporal. */
export interface RunsByChannel {
  /** The workflow ids of the running events that own these channels, at one account when it is given. */
  find(vendor: string, account: string | undefined, channels: readonly string[]): Promise<Map<string, string[]>>;
  /** `dropped`: how many others had no room. False when the run is over. */
  signal(workflowId: string, events: readonly VendorEvent[], dropped: number): Promise<boolean>;
}

export interface DeliveryOptions extends Partial<DeliveryLimits> {
  /** How long a channel without a running event is not looked up again, milliseconds. Default 5 s. */
  unknownMs?: number;
  /** How long a run that was found is not looked up again, milliseconds. Default one minute. */
  trustMs?: number;
  /** For tests. */
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
}

const defaults = { spacingMs: 2000, burst: 100, refillMs: 30_000, unknownMs: 5000, trustMs: 60_000 };
/** Channels in one visibility query. */
const lookedUpAtOnce = 50;
/** Of one request, whose body has room for thousands of channels. */
const mostQueries = 4;
/** Together with the spacing less than the shortest timeout of a sender, 4 s (Volcengine). */
const answerWithinMs = 1500;

/** Delivery to the events of a Temporal namespace. */
export const vendorEventDelivery = (client: Client, options: DeliveryOptions = {}): VendorEventDelivery =>
  deliveryTo(runsOf(client), options);

export const deliveryTo = (runs: RunsByChannel, options: DeliveryOptions = {}): VendorEventDelivery =>
  new ChannelDelivery(runs, { now: Date.now, wait: (ms) => pause(ms), ...defaults, ...options });

class ChannelDelivery implements VendorEventDelivery {
  readonly #runs: RunsByChannel;
  readonly #settings: Required<DeliveryOptions>;
  /** Bounded, as the next: a token holder can name any number of channels. */
  readonly #queues: Remembered<ChannelQueue>;
  readonly #unknown: Remembered<true>;

  constructor(runs: RunsByChannel, settings: Required<DeliveryOptions>) {
    this.#runs = runs;
    this.#settings = settings;
    this.#queues = new Remembered(Number.POSITIVE_INFINITY, settings.now);
    this.#unknown = new Remembered(settings.unknownMs, settings.now);
  }

  async deliver(vendor: string, messages: readonly VendorEventMessage[]): Promise<DeliveryCounts> {
    const now = this.#settings.now();
    const readable = messages.flatMap((message) => {
      const vendorEvent = readVendorEvent(message.vendorEvent, now);
      return vendorEvent ? [{ ...message, vendorEvent }] : [];
    });
    const outcomes: DeliveryOutcome[] = [];
    const left = { queries: mostQueries };
    for (const [account, ofAccount] of grouped(readable, (message) => message.account)) {
      const byChannel = grouped(ofAccount, ({ channel }) => channel);
      const place = { vendor, account };
      const notLookedUp = new Set(await this.#lookUp(place, [...byChannel.keys()], left));
      const delivered = [...byChannel].map(([channel, all]) =>
        notLookedUp.has(channel)
          ? { ...nothing, notLookedUp: all.length }
          : this.#deliverTo(keyOf(place, channel), all),
      );
      outcomes.push(...(await Promise.all(delivered)));
    }
    const counts = { ...nothing, malformed: messages.length - readable.length };
    for (const outcome of outcomes)
      for (const [name, count] of Object.entries(outcome)) counts[name as keyof DeliveryOutcome] += count;
    return counts;
  }

  async #deliverTo(key: string, messages: readonly VendorEventMessage[]): Promise<DeliveryOutcome> {
    const queue = this.#queues.get(key);
    if (!queue || queue.runs.length === 0) return { ...nothing, unknown: messages.length };
    const fresh = messages.filter((message) => queue.add(message));
    const dropped = queue.dropOldest();
    const counts = { ...nothing, known: messages.length - fresh.length, dropped };
    if (fresh.length === 0) return counts;
    const waiting = fresh.filter((message) => queue.isWaiting(message)).length;
    const events = fresh.map(({ vendorEvent }) => vendorEvent);
    const ms = queue.msUntilNext(events, this.#settings.now());
    if (ms === undefined) return { ...counts, delivered: waiting };
    queue.due ??= this.#signal(queue, ms);
    const reached = await queue.due;
    return { ...counts, [reached > 0 ? 'delivered' : 'unknown']: waiting };
  }

  /** Sends the queued messages after `ms`; resolves to the number of runs that were reached. */
  async #signal(queue: ChannelQueue, ms: number): Promise<number> {
    // At least one turn of the event loop, so that messages of the same moment go together.
    await (ms > 0 ? this.#settings.wait(ms) : undefined);
    queue.due = undefined;
    const taken = queue.takeWaiting(this.#settings.now());
    const events = taken.messages.map(({ vendorEvent }) => vendorEvent);
    const runs = queue.runs;
    const signals = runs.map((workflowId) => this.#runs.signal(workflowId, events, taken.dropped));
    const reached = await Promise.all(signals).catch((error) => {
      queue.giveBack(taken);
      throw error;
    });
    queue.delivered(taken.messages);
    queue.runs = queue.runs.filter((workflowId) => reached[runs.indexOf(workflowId)] !== false);
    return reached.filter(Boolean).length;
  }

  /** Finds the runs of the channels that were not looked up lately; returns those for which no query was left. */
  async #lookUp(place: ChannelAccount, channels: readonly string[], left: { queries: number }): Promise<string[]> {
    const { now, trustMs } = this.#settings;
    const wanted = channels.filter((channel) => isPlainKey(channel) && !this.#isRemembered(keyOf(place, channel)));
    for (let some = wanted.splice(0, lookedUpAtOnce); some.length > 0; some = wanted.splice(0, lookedUpAtOnce)) {
      if (left.queries === 0) return [...some, ...wanted];
      left.queries -= 1;
      const found = await this.#runs.find(place.vendor, place.account, some);
      for (const channel of some) {
        const key = keyOf(place, channel);
        const runs = found.get(channel) ?? [];
        if (runs.length === 0) this.#unknown.set(key, true);
        const queue = this.#queues.get(key) ?? (runs.length > 0 ? new ChannelQueue(this.#settings, now()) : undefined);
        if (!queue) continue;
        Object.assign(queue, { runs, trustedUntil: now() + trustMs });
        this.#queues.set(key, queue);
      }
    }
    return [];
  }

  #isRemembered(key: string): boolean {
    const queue = this.#queues.get(key);
    const isKnown = queue !== undefined && queue.runs.length > 0 && queue.trustedUntil > this.#settings.now();
    return isKnown || this.#unknown.has(key);
  }
}

type DeliveryOutcome = Omit<DeliveryCounts, 'malformed'>;
const nothing: DeliveryOutcome = { delivered: 0, known: 0, unknown: 0, dropped: 0, notLookedUp: 0 };

/** A channel's name is unique in its account. */
interface ChannelAccount {
  vendor: string;
  account: string | undefined;
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

const keyOf = ({ vendor, account = '' }: ChannelAccount, channel: string): string =>
  [vendor, account, channel].join('\n');

const runsOf = (client: Client): RunsByChannel => ({
  find: (vendor, account, channels) =>
    client.withDeadline(Date.now() + answerWithinMs, async () => {
      const found = new Map<string, string[]>();
      const query = `${runningEvents(vendor, account)} AND ${onChannels(channels)}`;
      for await (const run of client.workflow.list({ query })) {
        const channel = channelOf(run.searchAttributes);
        if (channel !== undefined) found.set(channel, [...(found.get(channel) ?? []), run.workflowId]);
      }
      return found;
    }),
  signal: (workflowId, events, dropped) =>
    client.withDeadline(Date.now() + answerWithinMs, async () => {
      try {
        const sent: [readonly VendorEvent[], number?] = dropped > 0 ? [events, dropped] : [events];
        await client.workflow.getHandle(workflowId).signal('look', ...sent);
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    }),
});
