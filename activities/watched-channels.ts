import { type Channel, keyOf, type LiveChannel, type Observation } from '../domain/channel.ts';
import { mostUnseen, type UnseenChannel } from '../domain/conditions/poller-record.ts';
import { VendorError } from '../domain/errors.ts';
import { inParallel } from '../domain/in-parallel.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { PollerPort, WatchingRun } from './ports.ts';
import { within } from './waiting.ts';

/** How many channels are asked for at once; the account's rate bounds them further. */
const atOnce = 8;
/** How many runs are asked for their channels at once, and how long a look waits for their answers. */
const runsAtOnce = 8;
const answersWithinMs = 1_000;

/** The channels of an account that are sent to: the vendor's list of them, else what it says of each watched channel. */
export class WatchedChannels {
  readonly #driver: VendorDriver;
  readonly #poller: Pick<PollerPort, 'statusOf' | 'waiting'>;
  #channels = new Map<string, Channel>();
  /** Runs that were asked for their channels and have not answered. */
  readonly #asked = new Set<string>();
  #seen = new Map<string, Observation>();
  /** By the key of the channel: what the vendor answered instead, and since when. */
  readonly #refused = new Map<string, { since?: number; reason: string }>();

  constructor(driver: VendorDriver, poller: Pick<PollerPort, 'statusOf' | 'waiting'>) {
    this.#driver = driver;
    this.#poller = poller;
  }

  /** Learns the channels of these runs, where the vendor cannot list them. A run that does not answer keeps no other waiting. */
  async of(runs: readonly WatchingRun[]): Promise<void> {
    if (this.#driver.listLive) return;
    const ids = runs.map(({ workflowId }) => workflowId);
    const wanted = new Set(ids);
    for (const id of this.#channels.keys()) if (!wanted.has(id)) this.#channels.delete(id);
    const unknown = ids.filter((id) => !this.#channels.has(id) && !this.#asked.has(id));
    for (const id of unknown) this.#asked.add(id);
    await within(
      inParallel(unknown, runsAtOnce, (id) => this.#ask(id)),
      answersWithinMs,
    );
    const keys = new Set([...this.#channels.values()].map(({ ref }) => keyOf(ref)));
    for (const key of this.#refused.keys()) if (!keys.has(key)) this.#refused.delete(key);
  }

  async #ask(workflowId: string): Promise<void> {
    const said =
      (await this.#poller.waiting(workflowId))?.of ?? (await this.#poller.statusOf(workflowId).catch(noAnswer));
    this.#asked.delete(workflowId);
    if (said?.channel) this.#channels.set(workflowId, said.channel);
  }

  /** The channels that the vendor did not answer for at the last look; undefined when there are none. */
  unseen(now: number): UnseenChannel[] | undefined {
    if (this.#refused.size === 0) return undefined;
    return [...this.#refused].slice(0, mostUnseen).map(([channel, refused]) => {
      refused.since ??= now;
      return { channel, since: refused.since, reason: refused.reason };
    });
  }

  /** Whether what `live` shows of a channel is so: of one that was refused it shows an older answer. A list that proves no presence has what a look at the channel finds closed. */
  isCertain(channel: string, isLive: boolean): boolean {
    const { listLive, listProves } = this.#driver;
    if (listLive) return listProves === true || !isLive;
    return this.#seen.has(channel) && !this.#refused.has(channel);
  }

  async live(): Promise<LiveChannel[]> {
    if (this.#driver.listLive) return this.#driver.listLive();
    const channels = [...this.#channels.values()];
    const before = this.#seen;
    const now = new Map<string, Observation>();
    let answers = 0;
    let failure: unknown;
    for (let at = 0; at < channels.length; at += atOnce) {
      const batch = channels.slice(at, at + atOnce).map(async (channel) => {
        const key = keyOf(channel.ref);
        try {
          now.set(key, await this.#driver.observe(channel));
          answers += 1;
          this.#refused.delete(key);
        } catch (error) {
          if (!(error instanceof VendorError)) throw error;
          if (error.kind === 'not-found') answers += 1;
          else failure = error;
          const since = this.#refused.get(key)?.since;
          this.#refused.set(key, { ...(since !== undefined && { since }), reason: error.message });
          // A refusal concerns one channel: what was known of it stays.
          const known = before.get(key);
          if (known && error.kind !== 'not-found') now.set(key, known);
        }
      });
      await Promise.all(batch);
    }
    // About none of them the vendor said anything: it was not looked, and what was known before stays.
    if (failure && answers === 0) throw failure;
    this.#seen = now;
    return [...this.#seen]
      .filter(([, observation]) => observation.encoder !== 'absent')
      .map(([channel, observation]) => ({ channel, observation }));
  }
}

const noAnswer = () => undefined;

/** Since when the vendor has been saying that an encoder sends, by a monotonic clock. */
export class ConnectedSince {
  #since = new Map<string, number>();

  take(live: readonly LiveChannel[]): void {
    const now = performance.now();
    this.#since = new Map(live.map(({ channel }) => [channel, this.#since.get(channel) ?? now]));
  }

  since(channel: string): number | undefined {
    return this.#since.get(channel);
  }
}
