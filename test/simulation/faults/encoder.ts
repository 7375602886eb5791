import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../../domain/channel.ts';
import { type Encoder, startEncoder } from '../../../simulators/kit/encoder.ts';
import type { Accounts } from '../../../vendors/accounts.ts';
import { type Drivers, driversOf } from '../../../vendors/drivers.ts';
import { ingestEndpoints } from '../../../vendors/ingest.ts';
import { driverContext } from '../../support/accounts.ts';
import { keysOf } from '../../support/secrets.ts';
import { type Follower, hasEntered } from './follower.ts';
import type { EncoderPart } from './scenario.ts';

/** A span in which the vendor took the picture. Epoch milliseconds. */
export interface Push {
  from: number;
  to: number;
}

const knockEveryMs = 250;
const shortestKey = 12;
const longestTimerMs = 2 ** 31 - 1;

/** The sender of one show. It asks for its address as a person would, and keeps it. */
export class EncoderPlayer {
  readonly pushes: Push[] = [];
  /** Everything that lets an encoder in: to be found nowhere. */
  readonly keys = new Set<string>();
  readonly #drivers: Drivers;
  readonly #follower: Follower;
  #url?: string;

  constructor(accounts: Accounts, follower: Follower) {
    this.#drivers = driversOf(accounts, driverContext);
    this.#follower = follower;
  }

  async play(part: EncoderPart): Promise<void> {
    if (part.kind === 'never') return;
    const early = part.kind === 'sends' && part.comes === 'early';
    await this.#follower.until((status) =>
      early ? status.channel !== undefined : hasEntered('waiting-for-encoder')(status),
    );
    if (part.kind === 'wrong-key') return this.#send(Number.POSITIVE_INFINITY, { politely: false, wrongKey: true });
    if (part.comes !== 'early') await this.#follower.pause(part.comes);
    for (const { sendMs, awayMs, politely } of part.turns) {
      await this.#send(sendMs, { politely });
      await this.#follower.pause(awayMs);
    }
    if (part.afterwards === 'stays') await this.#send(Number.POSITIVE_INFINITY, { politely: false });
  }

  /** Whether the vendor still lets it in; undefined when it never had an address. */
  async knocksOnceMore(): Promise<boolean | undefined> {
    if (this.#url === undefined) return undefined;
    const encoder = await startEncoder({ url: this.#url }).catch(() => undefined);
    await encoder?.drop();
    return encoder !== undefined;
  }

  /** Sends for so long, counted from the first picture; knocks until it is let in. */
  async #send(ms: number, how: { politely: boolean; wrongKey?: boolean }): Promise<void> {
    let until = Number.POSITIVE_INFINITY;
    while (!this.#follower.over.aborted && Date.now() < until) {
      const encoder = await this.#knock(how.wrongKey === true);
      if (encoder) {
        const push = { from: Date.now(), to: Number.POSITIVE_INFINITY };
        this.pushes.push(push);
        until = Math.min(until, push.from + ms);
        await this.#sendUntil(encoder, until);
        await (how.politely ? encoder.stop() : encoder.drop());
        push.to = Date.now();
      } else await this.#follower.pause(knockEveryMs);
    }
  }

  async #sendUntil(encoder: Encoder, until: number): Promise<void> {
    const { over } = this.#follower;
    if (over.aborted) return;
    const enough = new AbortController();
    const end = () => enough.abort();
    over.addEventListener('abort', end, { once: true });
    void encoder.done.then(end);
    const time = Number.isFinite(until) ? until - Date.now() : longestTimerMs;
    await pause(Math.max(0, time), undefined, { signal: enough.signal }).catch(() => undefined);
    over.removeEventListener('abort', end);
  }

  async #knock(wrongKey: boolean): Promise<Encoder | undefined> {
    const url = await this.#address();
    if (url === undefined) return undefined;
    return startEncoder({ url: wrongKey ? falsified(url) : url }).catch(() => undefined);
  }

  /** The vendor may refuse to give it, now and then. */
  async #address(): Promise<string | undefined> {
    const channel = this.#follower.latest?.channel;
    if (this.#url !== undefined || !channel) return this.#url;
    const endpoints = await ingestEndpoints(this.#drivers, channel).catch(() => []);
    this.#url = endpoints[0]?.url;
    this.#learn(endpoints, channel);
    return this.#url;
  }

  #learn(endpoints: Awaited<ReturnType<typeof ingestEndpoints>>, channel: Channel): void {
    for (const endpoint of endpoints) for (const key of keysOf(endpoint, channel)) this.keys.add(key);
  }
}

/** The same address with its longest words turned around. */
function falsified(url: string): string {
  const { origin, pathname, search } = new URL(url.replace(/^rtmp:/, 'http:'));
  const turned = (text: string) =>
    text.replace(new RegExp(`[A-Za-z0-9_%-]{${shortestKey},}`, 'g'), (word) => [...word].reverse().join(''));
  return `${origin.replace(/^http:/, 'rtmp:')}${turned(pathname)}${turned(search)}`;
}
