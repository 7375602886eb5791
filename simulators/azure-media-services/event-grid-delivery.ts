import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { LogDelivery } from '../kit/types.ts';
import { type EventSchema, type GridEvent, inEnvelope, type Spelling } from './event-grid-events.ts';

/** Where events go, and how. */
export interface Subscription {
  name: string;
  endpointUrl: string;
  schema: EventSchema;
  maxEventsPerBatch: number;
  /** Headers with fixed values. */
  headers: Readonly<Record<string, string>>;
  maxAttempts: number;
  ttlMs: number;
  behaviour: DeliveryBehaviour;
}

/** What rehearsals may ask for; a real subscription has none of it. */
export interface DeliveryBehaviour {
  spelling: Spelling;
  /** Each batch is sent so many times more, with the same ids. */
  duplicates: number;
  /** Events are held until there are this many, and leave in another order. */
  shuffleOf: number;
  /** How long a second of the retry schedule lasts, milliseconds. */
  secondMs: number;
}

/** documented(https://learn.microsoft.com/azure/event-grid/delivery-and-retry): seconds; then every 12 hours. */
const schedule = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600];
const halfDay = 43_200;
const accepted: ReadonlySet<number> = new Set([200, 201, 202, 203, 204]);
const neverRetried: ReadonlySet<number> = new Set([400, 401, 403, 413]);
/** No sooner after these; seconds. documented(https://learn.microsoft.com/azure/event-grid/delivery-and-retry) */
const leastDelay: Readonly<Record<number, number>> = { 404: 300, 408: 120, 503: 30 };
const answerWithinSeconds = 30;
const leastTimeoutMs = 2000;

/** Delivers to one subscription: at least once, in no order, again after a failure, dropped after a refusal. */
export class Delivery {
  readonly subscription: Subscription;
  readonly #topic: string;
  readonly #log: LogDelivery;
  readonly #closing = new AbortController();
  #held: GridEvent[] = [];
  #sending = false;

  constructor(subscription: Subscription, topic: string, log: LogDelivery) {
    this.subscription = subscription;
    this.#topic = topic;
    this.#log = log;
  }

  close(): void {
    this.#closing.abort();
  }

  /** documented(https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema) */
  async validate(): Promise<boolean> {
    const { schema } = this.subscription;
    return schema === 'EventGridSchema' ? this.#validateByEvent() : this.#validateByOptions();
  }

  send(event: GridEvent): void {
    this.#held.push(event);
    if (this.#sending || this.#held.length < this.subscription.behaviour.shuffleOf) return;
    this.#sending = true;
    // What happens at once may go together.
    setImmediate(() => {
      this.#sending = false;
      this.#sendHeld();
    });
  }

  #sendHeld(): void {
    const { maxEventsPerBatch, behaviour, schema } = this.subscription;
    const events = behaviour.shuffleOf > 1 ? this.#held.reverse() : this.#held;
    this.#held = [];
    const size = schema === 'EventGridSchema' ? maxEventsPerBatch : 1;
    for (let at = 0; at < events.length; at += size) {
      const batch = events.slice(at, at + size);
      for (let copy = 0; copy <= behaviour.duplicates; copy += 1) void this.#deliver(batch);
    }
  }

  async #deliver(batch: readonly GridEvent[]): Promise<void> {
    const { maxAttempts, ttlMs, behaviour } = this.subscription;
    const begun = Date.now();
    const types = batch.map(({ message }) => message.type).join(', ');
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const status = await this.#post(batch, attempt);
      if (this.#closing.signal.aborted) return;
      this.#log('eventgrid:Deliver', status, `${types}, attempt ${attempt}`);
      if (accepted.has(status)) return;
      if (neverRetried.has(status)) break;
      const seconds = Math.max(schedule[attempt - 1] ?? halfDay, leastDelay[status] ?? 0);
      if (Date.now() + seconds * behaviour.secondMs - begun > ttlMs) break;
      await pause(seconds * behaviour.secondMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
    }
    this.#log('eventgrid:Drop', 0, types);
  }

  #post(batch: readonly GridEvent[], attempt: number): Promise<number> {
    const { schema, behaviour } = this.subscription;
    const bodies = batch.map((event) => inEnvelope(event, this.#topic, schema, behaviour.spelling));
    const [type, body] =
      schema === 'EventGridSchema'
        ? ['application/json; charset=utf-8', bodies]
        : ['application/cloudevents+json; charset=utf-8', bodies[0]];
    return this.#call('POST', JSON.stringify(body), {
      'content-type': type,
      'aeg-event-type': 'Notification',
      'aeg-delivery-count': String(attempt - 1),
    }).then((answer) => answer?.status ?? 0);
  }

  async #validateByEvent(): Promise<boolean> {
    const validationCode = randomUUID();
    const event = {
      id: randomUUID(),
      topic: this.#topic,
      subject: '',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      eventTime: new Date().toISOString(),
      data: { validationCode, validationUrl: 'https://rp-westeurope.eventgrid.azure.net:553/eventsubscriptions/none' },
      dataVersion: '2',
      metadataVersion: '1',
    };
    const answer = await this.#call('POST', JSON.stringify([event]), {
      'content-type': 'application/json; charset=utf-8',
      'aeg-event-type': 'SubscriptionValidation',
    });
    const said = (await answer?.json().catch(() => undefined)) as { validationResponse?: unknown } | undefined;
    this.#log('eventgrid:Validate', answer?.status ?? 0, this.subscription.name);
    // 202 is not accepted here. documented(https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema)
    return answer?.status === 200 && said?.validationResponse === validationCode;
  }

  /** documented(https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema) */
  async #validateByOptions(): Promise<boolean> {
    const origin = 'eventgrid.azure.net';
    const answer = await this.#call('OPTIONS', undefined, { 'webhook-request-origin': origin });
    this.#log('eventgrid:Validate', answer?.status ?? 0, this.subscription.name);
    const allowed = answer?.headers.get('webhook-allowed-origin');
    return answer?.status === 200 && (allowed === origin || allowed === '*');
  }

  async #call(method: string, body: string | undefined, headers: Record<string, string>) {
    const { endpointUrl, name, behaviour } = this.subscription;
    const timeoutMs = Math.max(leastTimeoutMs, answerWithinSeconds * behaviour.secondMs);
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
    const all = { ...headers, 'aeg-subscription-name': name.toUpperCase(), ...this.subscription.headers };
    try {
      return await fetch(endpointUrl, { method, headers: all, signal, ...(body !== undefined && { body }) });
    } catch {
      return undefined;
    }
  }
}
