import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { isPlainKey, onChannels, runningEvents } from '../../domain/search-attributes.ts';
import type { PushMessage } from '../../domain/vendor-events/inbound.ts';
import { type Hint, readHint } from '../../domain/vendor-events/vendor-event.ts';
import { HintLine, type HintPace } from './queue.ts';

/** What became of messages. */
export interface PassedOn {
  /** Told to an event that runs, or waiting to go with what it is told next. */
  told: number;
  /** It knew them: a second delivery, or a report that says what the last one said. */
  known: number;
  /** No event that runs has their channel. */
  unknown: number;
  /** Not a hint at all. */
  malformed: number;
}

/** The way from a vendor's message to the run that waits for it. */
export interface VendorEventDelivery {
  /**
   * Tells the events of these channels. Resolves once Temporal has what was told; rejects when Temporal does not answer,
   * and the sender should send again.
   */
  deliver(vendor: string, messages: readonly PushMessage[]): Promise<PassedOn>;
  /** One hint for one channel; gives how many events were told: none when nobody has the channel, or it is no news. */
  deliverOne(vendor: string, channel: string, hint: Hint): Promise<number>;
}

/** The part of Temporal that is needed. */
export interface RunsByChannel {
  /** The workflow ids of the events that run on these channels. */
  find(vendor: string, channels: readonly string[]): Promise<Map<string, string[]>>;
  /** False when the run is over. */
  tell(workflowId: string, hints: readonly Hint[]): Promise<boolean>;
}

export interface DeliveryOptions extends Partial<HintPace> {
  /** How long a channel that nobody had is not looked up again, milliseconds. Default 5 s. */
  unknownMs?: number;
  /** How long an event that was found is not looked up again, milliseconds. Default one minute. */
  trustMs?: number;
  /** For tests. */
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
}

const usual = { spacingMs: 2000, burst: 100, refillMs: 30_000, unknownMs: 5000, trustMs: 60_000 };
const lookedUpAtOnce = 50;
/** Strangers can name any number of channels. */
const mostRemembered = 10_000;
/** Below the shortest patience of a sender, 4 s (Volcengine), with the spacing in it. */
const answerWithinMs = 1500;

/** Hints for the events of a Temporal namespace. */
export const vendorEventDelivery = (client: Client, options: DeliveryOptions = {}): VendorEventDelivery =>
  deliveryTo(runsOf(client), options);

export function deliveryTo(runs: RunsByChannel, options: DeliveryOptions = {}): VendorEventDelivery {
  const settings = { now: Date.now, wait: (ms: number) => pause(ms), ...usual, ...options };
  const delivery = new ChannelDelivery(runs, settings);
  return {
    deliver: (vendor, messages) => delivery.deliver(vendor, messages),
    deliverOne: async (vendor, channel, hint) => (await delivery.deliver(vendor, [{ channel, hint }])).told,
  };
}

class ChannelDelivery {
  readonly #runs: RunsByChannel;
  readonly #settings: Required<DeliveryOptions>;
  readonly #lines = new Map<string, HintLine>();
  readonly #unknownUntil = new Map<string, number>();

  constructor(runs: RunsByChannel, settings: Required<DeliveryOptions>) {
    this.#runs = runs;
    this.#settings = settings;
  }

  async deliver(vendor: string, messages: readonly PushMessage[]): Promise<PassedOn> {
    const now = this.#settings.now();
    const readable = messages.flatMap((message) => {
      const hint = readHint(message.hint, now);
      return hint ? [{ ...message, hint }] : [];
    });
    const byChannel = byChannelOf(readable);
    await this.#lookUp(vendor, [...byChannel.keys()]);
    const outcomes = await Promise.all([...byChannel].map(([channel, all]) => this.#tell(vendor, channel, all)));
    const sum = (key: keyof Outcome) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
    const malformed = messages.length - readable.length;
    return { told: sum('told'), known: sum('known'), unknown: sum('unknown'), malformed };
  }

  async #tell(vendor: string, channel: string, messages: readonly PushMessage[]): Promise<Outcome> {
    const line = this.#lines.get(keyOf(vendor, channel));
    if (!line || line.runs.length === 0) return { ...nothing, unknown: messages.length };
    const fresh = messages.filter((message) => line.add(message));
    const known = messages.length - fresh.length;
    if (fresh.length === 0) return { ...nothing, known };
    const hints = fresh.map(({ hint }) => hint);
    const ms = line.wait(hints, this.#settings.now());
    if (ms === undefined) return { ...nothing, told: fresh.length, known };
    line.due ??= this.#deliver(line, ms);
    const found = await line.due;
    return found > 0 ? { ...nothing, told: fresh.length, known } : { ...nothing, unknown: fresh.length, known };
  }

  /** Tells what is waiting when its time has come; gives how many events there were to tell. */
  async #deliver(line: HintLine, ms: number): Promise<number> {
    // Even without a wait not at once: whoever comes in this moment joins.
    await (ms > 0 ? this.#settings.wait(ms) : undefined);
    line.due = undefined;
    const messages = line.takeWaiting(this.#settings.now());
    const hints = messages.map(({ hint }) => hint);
    const runs = line.runs;
    const reached = await Promise.all(runs.map((workflowId) => this.#runs.tell(workflowId, hints)));
    line.wasTold(messages);
    line.runs = line.runs.filter((workflowId) => reached[runs.indexOf(workflowId)] !== false);
    return reached.filter(Boolean).length;
  }

  /** Finds the runs of channels that are not known well enough. */
  async #lookUp(vendor: string, channels: readonly string[]): Promise<void> {
    const { now, trustMs, unknownMs } = this.#settings;
    const wanted = channels.filter((channel) => isPlainKey(channel) && !this.#isRemembered(keyOf(vendor, channel)));
    for (let at = 0; at < wanted.length; at += lookedUpAtOnce) {
      const some = wanted.slice(at, at + lookedUpAtOnce);
      const found = await this.#runs.find(vendor, some);
      for (const channel of some) {
        const key = keyOf(vendor, channel);
        const runs = found.get(channel) ?? [];
        if (runs.length === 0) remember(this.#unknownUntil, key, now() + unknownMs);
        const line = this.#lines.get(key) ?? (runs.length > 0 ? new HintLine(this.#settings, now()) : undefined);
        if (!line) continue;
        Object.assign(line, { runs, trustedUntil: now() + trustMs });
        remember(this.#lines, key, line);
      }
    }
  }

  #isRemembered(key: string): boolean {
    const now = this.#settings.now();
    const line = this.#lines.get(key);
    const isKnown = line !== undefined && line.runs.length > 0 && line.trustedUntil > now;
    return isKnown || (this.#unknownUntil.get(key) ?? 0) > now;
  }
}

type Outcome = Omit<PassedOn, 'malformed'>;
const nothing: Outcome = { told: 0, known: 0, unknown: 0 };

function byChannelOf(messages: readonly PushMessage[]): Map<string, PushMessage[]> {
  const grouped = new Map<string, PushMessage[]>();
  for (const message of messages) grouped.set(message.channel, [...(grouped.get(message.channel) ?? []), message]);
  return grouped;
}

const keyOf = (vendor: string, channel: string): string => `${vendor}\n${channel}`;

/** As the newest; the oldest is forgotten when there are too many. */
function remember<T>(memory: Map<string, T>, key: string, value: T): void {
  memory.delete(key);
  memory.set(key, value);
  if (memory.size <= mostRemembered) return;
  for (const oldest of memory.keys()) {
    memory.delete(oldest);
    break;
  }
}

const runsOf = (client: Client): RunsByChannel => ({
  find: (vendor, channels) =>
    client.withDeadline(Date.now() + answerWithinMs, async () => {
      const found = new Map<string, string[]>();
      const query = `${runningEvents(vendor)} AND ${onChannels(channels)}`;
      for await (const run of client.workflow.list({ query })) {
        const { ShowcallerChannel: channel } = run.searchAttributes as Record<string, unknown[] | undefined>;
        if (typeof channel?.[0] !== 'string') continue;
        found.set(channel[0], [...(found.get(channel[0]) ?? []), run.workflowId]);
      }
      return found;
    }),
  tell: (workflowId, hints) =>
    client.withDeadline(Date.now() + answerWithinMs, async () => {
      try {
        await client.workflow.getHandle(workflowId).signal('look', hints);
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    }),
});
