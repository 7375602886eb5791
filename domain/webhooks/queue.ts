import type { Channel } from '../channel.ts';
import type { JsonObject } from '../json.ts';
import { maxWebhooks, type WebhookMessage, type WebhookSubscriber, type WebhookType } from './webhook.ts';

/** Kept for the warning that the limit is reached, and for the end. */
const reserved = 2;

export interface OutboxEntry {
  type: WebhookType;
  /** Epoch milliseconds. */
  at: number;
  data: JsonObject;
  channel?: Channel;
}

/** Numbers the webhooks of a run, and keeps a bounded number of them until they are taken for delivery. */
export class OutboxQueue {
  readonly #wanted: ReadonlySet<WebhookType>;
  readonly #waiting: WebhookMessage[] = [];
  #seq = 0;
  #capped = false;

  constructor(subscribers: readonly WebhookSubscriber[]) {
    this.#wanted = new Set(subscribers.flatMap(({ types }) => types));
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Webhooks were queued, and no subscriber wants to know of the end: their delivery must know of it all the same. */
  get lacksEnd(): boolean {
    return this.#seq > 0 && !this.#wanted.has('ended');
  }

  /** Drops what no subscriber wants, unless it is to be kept: the delivery sends each subscriber only what that one wants. */
  add(runId: string, entry: OutboxEntry, { isKept = false } = {}): void {
    if (isKept) this.#keep(runId, entry);
    else if (entry.type === 'ended' || this.#seq < maxWebhooks - reserved) this.#push(runId, entry);
    else if (!this.#capped) {
      this.#capped = true;
      const message = `the limit of ${maxWebhooks} webhooks for one event is reached: only its end is still sent`;
      const data = { ...entry.data, warning: 'notices-capped', message };
      this.#push(runId, { type: 'warning', at: entry.at, data });
    }
  }

  take(): WebhookMessage[] {
    return this.#waiting.splice(0);
  }

  #push(runId: string, entry: OutboxEntry): void {
    if (this.#wanted.has(entry.type)) this.#keep(runId, entry);
  }

  #keep(runId: string, entry: OutboxEntry): void {
    this.#seq += 1;
    this.#waiting.push({ id: `${runId}/${this.#seq}`, seq: this.#seq, ...entry });
  }
}
