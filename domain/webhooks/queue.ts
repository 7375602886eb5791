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

  /** Drops what no subscriber wants. */
  add(runId: string, entry: OutboxEntry): void {
    if (entry.type === 'ended' || this.#seq < maxWebhooks - reserved) this.#push(runId, entry);
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
    if (!this.#wanted.has(entry.type)) return;
    this.#seq += 1;
    this.#waiting.push({ id: `${runId}/${this.#seq}`, seq: this.#seq, ...entry });
  }
}
