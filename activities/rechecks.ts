import { cancellationSignal, log, sleep } from '@temporalio/activity';
import { keyOf, type LiveChannel, type Observation } from '../domain/channel.ts';
import { inParallel } from '../domain/in-parallel.ts';
import { messageOf } from '../domain/message-of.ts';
import { changeBetween } from '../domain/presence.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { EncoderWatch } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runDriverStep } from './driver-step.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { FoundRun, PollerPort, WatchAnswer } from './ports.ts';
import { confirmAfterMs, withClocks } from './watch.ts';

/** So many channels fit into one query of a list. */
const foundAtOnce = 50;
/** Each is a call of Temporal. */
const reachedAtOnce = 100;
/** So few channels are looked at one by one, which says more of each; more of them by the account's list, where there is one. */
const lookedAtAlone = 5;
const alonesAtOnce = 8;
/** An answer that is older says nothing of now: its worker was suspended, or its vendor slow. */
const freshForMs = 15_000;
/** Visibility lags a moment behind; a run that is not reached after these many ticks does not exist, or takes no signals. */
const mostTries = 3;

/** One look at the account, and when it began, epoch milliseconds. */
export interface AccountLook {
  live: readonly LiveChannel[];
  at: number;
}

interface Parts {
  deps: ActivityDeps;
  poller: PollerPort;
  driver: VendorDriver;
  of: { vendor: string; account: string };
  /** What the heartbeats hold meanwhile. */
  record: () => object;
}

/** A run whose watch ends when a second look agrees with the first. */
interface Candidate {
  run: FoundRun;
  watch: EncoderWatch;
  first: Observation;
}

/**
 * Brings what changed on the account's channels to their runs. An encoder that two looks saw is the answer to its run's watch. What is
 * not so plain, an absence above all, its run is made to see by itself.
 */
export class Rechecks {
  readonly #parts: Parts;
  /** Channels to try again, and how often each was tried. */
  #owed = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async of(changed: readonly string[], look: AccountLook): Promise<void> {
    const channels = [...new Set([...this.#owed.keys(), ...changed])];
    if (channels.length > 0) await withHeartbeat(() => this.#recheck(channels, look), this.#parts.record);
  }

  async #recheck(channels: readonly string[], look: AccountLook): Promise<void> {
    const { poller, of } = this.#parts;
    const { runs, asked } = await this.#find(channels);
    const reached = new Set<string>();
    const reach = async (run: FoundRun, answer?: WatchAnswer) => {
      if (await poller.reach(of, run, answer)) reached.add(run.channel);
    };
    const candidates = this.#candidates(runs, look);
    const others = runs.filter((run) => !candidates.some((one) => one.run === run));
    const answered = async () => {
      const answerTo = await this.#lookAgain(candidates, look.at);
      await inParallel(candidates, reachedAtOnce, (one) => reach(one.run, answerTo(one)));
    };
    await Promise.all([inParallel(others, reachedAtOnce, (run) => reach(run)), answered()]);
    const owed = channels.filter((channel) => !reached.has(channel)).map((channel) => this.#tried(channel, asked));
    this.#owed = new Map(owed.filter(([, tries]) => tries < mostTries));
  }

  /** What Temporal did not answer counts as no try. */
  #tried(channel: string, asked: ReadonlySet<string>): [string, number] {
    return [channel, (this.#owed.get(channel) ?? 0) + (asked.has(channel) ? 1 : 0)];
  }

  /** The runs, and the channels of which Temporal said them. */
  async #find(channels: readonly string[]): Promise<{ runs: FoundRun[]; asked: Set<string> }> {
    const { poller, of } = this.#parts;
    const runs: FoundRun[] = [];
    const asked = new Set<string>();
    for (let at = 0; at < channels.length; at += foundAtOnce) {
      const batch = channels.slice(at, at + foundAtOnce);
      const found = await unlessDown(() => poller.find(of.vendor, of.account, batch));
      if (!found) continue;
      runs.push(...found);
      for (const channel of batch) asked.add(channel);
    }
    return { runs, asked };
  }

  #candidates(runs: readonly FoundRun[], { live, at }: AccountLook): Candidate[] {
    const seen = new Map(live.map(({ channel, observation }) => [channel, observation]));
    const now = this.#parts.deps.clock.now();
    return runs.flatMap((run) => {
      const [watch, first] = [run.watch?.of, seen.get(run.channel)];
      if (!watch || run.watch?.isUnderWay || !first || first.encoder === 'absent') return [];
      const { last, until, quietUntil = 0 } = watch;
      const isDue = now < until && now >= quietUntil && changeBetween(last, first, first, at) !== undefined;
      return isDue ? [{ run, watch, first }] : [];
    });
  }

  /** Gives the answer to each; undefined where the second look does not agree with the first, or the vendor did not answer. */
  async #lookAgain(
    candidates: readonly Candidate[],
    firstAt: number,
  ): Promise<(to: Candidate) => WatchAnswer | undefined> {
    const { deps, driver, record } = this.#parts;
    if (candidates.length === 0) return () => undefined;
    await sleep(Math.max(0, firstAt + confirmAfterMs * deps.timeScale - deps.clock.now()));
    const lookedAt = performance.now();
    const channels = candidates.map(({ watch }) => watch.channel);
    const isListed = driver.listLive !== undefined && channels.length > lookedAtAlone;
    const seen = new Map<string, Observation>();
    await inParallel(isListed ? [channels] : channels.map((channel) => [channel]), alonesAtOnce, async (some) => {
      const look = () => runDriverStep(deps, 'watching', () => driver.observe(some), record);
      const observed = await look().catch(unlessCancelled);
      for (const [n, { ref }] of some.entries()) if (observed?.[n]) seen.set(keyOf(ref), observed[n]);
    });
    const isFresh = () => performance.now() - lookedAt < freshForMs;
    return ({ run: { channel }, watch, first }) => {
      const second = seen.get(channel);
      if (!second || second.encoder === 'absent') return undefined;
      const change = changeBetween(watch.last, first, second, firstAt);
      return change && { result: withClocks(deps, change), isFresh };
    };
  }
}

/** While Temporal does not answer, the poller keeps what it knows. */
export async function unlessDown<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    log.warn(`the poller goes on, although Temporal did not answer: ${messageOf(error)}`);
    return undefined;
  }
}

/** What a vendor refuses of one channel concerns no other; a poller that is ended ends. */
function unlessCancelled(error: unknown): undefined {
  if (cancellationSignal().aborted) throw error;
}
