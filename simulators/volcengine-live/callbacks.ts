import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AccountOptions, LiveStream, StreamListener } from './state.ts';

export type MessageType = 'push' | 'push_end';

/** Where the messages of one type go. */
export interface CallbackConfig {
  /** Empty for the whole vhost. */
  app: string;
  /** Epoch milliseconds. */
  createdAt: number;
  transcoded: boolean;
  urls: string[];
  /** Signs them; unsigned without it. */
  authKey?: string;
}

export type LogCallback = (status: number, note: string) => void;

/** documented(https://www.volcengine.com/docs/6469/1126932): an answer within 4 s, then three more tries, 3 s apart. */
const answerWithinMs = 4000;
const tries = 4;
const betweenTriesMs = 3000;
const signValidSeconds = 600;

/** Sends callbacks when a push begins or ends. Not simulated: the queue after the last try. */
export class Callbacks implements StreamListener {
  readonly #options: AccountOptions;
  readonly #log: LogCallback;
  readonly #configs = new Map<MessageType, CallbackConfig>();
  readonly #closing = new AbortController();
  #sequence = 0;

  constructor(options: AccountOptions, log: LogCallback) {
    this.#options = options;
    this.#log = log;
  }

  close(): void {
    this.#closing.abort();
  }

  configure(type: MessageType, config: CallbackConfig): void {
    this.#configs.set(type, config);
  }

  configured(): [MessageType, CallbackConfig][] {
    return [...this.#configs];
  }

  began(stream: LiveStream): void {
    this.#callBack('push', 'push_start', stream);
  }

  ended(stream: LiveStream): void {
    this.#callBack('push_end', 'push_end', stream);
  }

  #callBack(type: MessageType, event_type: string, stream: LiveStream): void {
    const config = this.#configs.get(type);
    if (!config) return;
    this.#sequence += 1;
    const body = JSON.stringify({ ...this.#fields(event_type, stream), ...signed(config) });
    for (const url of config.urls) void this.#post(url, event_type, body);
  }

  /** The push URL comes with its signature, as the encoder sent it. */
  #fields(event_type: string, { app, stream, domain, id, session }: LiveStream): object {
    const now = Date.now();
    const { req } = session;
    return {
      event_type,
      vhost: this.#options.vhost,
      domain,
      app,
      stream,
      time: Math.floor(now / 1000),
      time_ms: now,
      transcoded: 0,
      session_id: String(id),
      sequence_id: `${this.#sequence}-${randomUUID()}`,
      priority: 0,
      backup_count: 0,
      fp_node_ip: '127.0.0.1',
      fp_client_ip: req.remoteAddress,
      fp_user_url: `${req.tcUrl}/${req.name}?${new URLSearchParams(req.query)}`,
    };
  }

  async #post(url: string, event: string, body: string): Promise<void> {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const status = await this.#send(url, body);
      if (this.#closing.signal.aborted) return;
      this.#log(status, `${event}, attempt ${attempt}`);
      if (status === 200) return;
      const { signal } = this.#closing;
      await pause(betweenTriesMs * this.#options.slowness, undefined, { signal }).catch(() => undefined);
    }
  }

  async #send(url: string, body: string): Promise<number> {
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(answerWithinMs)]);
      const headers = { 'content-type': 'application/json' };
      return (await fetch(url, { method: 'POST', headers, body, signal })).status;
    } catch {
      return 0;
    }
  }
}

/** The key and the instant of its expiry, nothing of what is said. documented(https://www.volcengine.com/docs/6469/1126932) */
function signed({ authKey }: CallbackConfig): object {
  if (authKey === undefined) return {};
  const t = Math.floor(Date.now() / 1000) + signValidSeconds;
  return { t, sign: createHash('md5').update(`${authKey}${t}`).digest('hex') };
}
