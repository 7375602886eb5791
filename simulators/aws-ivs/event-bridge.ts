import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { LogDelivery } from '../kit/types.ts';
import type { IvsAccount } from './state.ts';

/** Where a rule sends events by HTTP. Ours; a real account has PutRule, PutTargets and CreateApiDestination for it. */
export interface ApiDestination {
  url: string;
  /** What the connection adds: the API key header. */
  headers: Readonly<Record<string, string>>;
}

export interface EventBridgeOptions {
  accountId: string;
  region: string;
  slowness: number;
  log: LogDelivery;
  /** The rule's other target. */
  enqueue(body: string): void;
}

/** documented(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html) */
const answerWithinMs = 5000;
const userAgent = 'Amazon/EventBridge/ApiDestinations';
const retried = (status: number): boolean => status === 0 || [401, 407, 409, 429].includes(status) || status >= 500;
/** 185 in 24 hours, documented(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html); fewer here, further apart each time. */
const tries = 8;
const firstPauseMs = 1000;

/** The events of IVS as a rule for `aws.ivs` sends them on: to a queue, and to API destinations. */
export class EventBridge {
  readonly #options: EventBridgeOptions;
  #destinations: ApiDestination[] = [];
  readonly #closing = new AbortController();

  constructor(options: EventBridgeOptions, account: IvsAccount) {
    this.#options = options;
    account.onEvent = (session, name, type) => {
      const { arn, name: channelName } = session.channel;
      const said = type === 'IVS Recording State Change' ? { recording_status: name } : { event_name: name };
      this.publish(type, [arn], { ...said, channel_name: channelName, stream_id: session.streamId });
    };
  }

  close(): void {
    this.#closing.abort();
  }

  setDestinations(destinations: ApiDestination[]): void {
    this.#destinations = destinations;
  }

  /** documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html) */
  publish(type: string, resources: string[], detail: object): void {
    const { accountId, region, enqueue } = this.#options;
    const body = JSON.stringify({
      version: '0',
      id: randomUUID(),
      'detail-type': type,
      source: 'aws.ivs',
      account: accountId,
      time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources,
      detail,
    });
    enqueue(body);
    for (const destination of this.#destinations) void this.#deliver(destination, type, body);
  }

  async #deliver({ url, headers }: ApiDestination, type: string, body: string): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const status = await this.#post(url, headers, body);
      if (signal.aborted) return;
      this.#options.log('events:InvokeApiDestination', status, `${type}, attempt ${attempt}`);
      if (!retried(status)) return;
      const pauseMs = firstPauseMs * 2 ** (attempt - 1) * this.#options.slowness;
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(answerWithinMs)]);
      const all = { 'content-type': 'application/json; charset=utf-8', 'user-agent': userAgent, ...headers };
      return (await fetch(url, { method: 'POST', headers: all, body, signal })).status;
    } catch {
      return 0;
    }
  }
}
