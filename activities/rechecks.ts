import { cancellationSignal, log, sleep } from '@temporalio/activity';
import type { LiveChannel, Observation } from '../domain/channel.ts';
import { inParallel } from '../domain/in-parallel.ts';
import { messageOf } from '../domain/message-of.ts';
import { changeBetween } from '../domain/presence.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import { clocksApart, suspendedMs } from './attempt.ts';
import type { ActivityDeps } from './deps.ts';
import { runDriverStep } from './driver-step.ts';
import { withHeartbeat } from './heartbeat.ts';
import { type Outcome, OwedRechecks } from './owed-rechecks.ts';
import type { FoundRun, PollerPort, Reached, WatchAnswer, WatchedFor } from './ports.ts';
import { within } from './waiting.ts';
import { confirmAfterMs, withClocks } from './watch.ts';
import type { WatchedChannels } from './watched-channels.ts';

/** So many channels fit into one query of a list. */
const foundAtOnce = 50;
/** Each is a call of Temporal. */
const reachedAtOnce = 100;
/** A run's own look sees more, such as codecs; so many at once would wait for the vendor's rate. */
const answeredFrom = 6;
/** An answer that is older says nothing of now. */
const freshForMs = 15_000;

/** One look at the account. */
export interface AccountLook {
  live: readonly LiveChannel[];
  /** When it began and when it was done, epoch milliseconds. */
  begunAt: number;
  at: number;
  /** False once so much time has passed since it began that it says nothing of now. */
  isFresh(): boolean;
}

interface Parts {
  deps: ActivityDeps;
  poller: PollerPort;
  driver: VendorDriver;
  channels: Pick<WatchedChannels, 'isCertain'>;
  of: { vendor: string; account: string };
  /** What the heartbeats hold meanwhile. */
  record: () => object;
}

/** A run whose watch ends when a second look agrees with the first. */
interface Candidate {
  run: FoundRun;
  watch: WatchedFor;
  first: Observation;
}

/**
 * Brings what changed on the account's channels to their runs: each is made to look by itself, again until it knows what was seen. Its
 * own look may see something else, such as a lost encoder that knocks, and its next one comes after ten minutes. Where many encoders
 * come at once and the vendor's list proves them, two lists answer the watches of all.
 */
export class Rechecks {
  readonly #parts: Parts;
  readonly #owed = new OwedRechecks();
  readonly #apart = clocksApart();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Lists the account's live channels. */
  async look(list: () => Promise<readonly LiveChannel[]>): Promise<AccountLook> {
    const { clock } = this.#parts.deps;
    const [begunAt, listedFrom] = [clock.now(), performance.now()];
    const live = await list();
    const isFresh = () => performance.now() - listedFrom < freshForMs && !this.wasSuspended;
    return { live, begunAt, at: clock.now(), isFresh };
  }

  /** The monotonic clock stands still while a machine is suspended, and with it what this worker knows of Temporal's time. */
  get wasSuspended(): boolean {
    return clocksApart() - this.#apart > suspendedMs;
  }

  async of(changed: readonly string[], look: AccountLook): Promise<void> {
    this.#owed.begin(changed);
    for (const channels of this.#owed.due) await withHeartbeat(() => this.#recheck(channels, look), this.#parts.record);
  }

  /**
   * A run that was reached, and does not say what it knows, looks now, or waits for a worker, for its vendor or for a quiet moment: to make it
   * look would put it behind the others again.
   */
  async #recheck(channels: readonly string[], look: AccountLook): Promise<void> {
    const { poller, of } = this.#parts;
    const { runs, asked } = await this.#find(channels);
    const seen = seenIn(look.live);
    const behind = runs.filter((run) => !this.#knows(run, seen, look.at));
    const due = behind.filter(({ channel, watch }) => watch?.of || !this.#owed.wasReached(channel));
    const reached = await this.#reach(due, seen, look);
    poller.onRecheck?.(of.vendor, of.account, [...reached.values()].filter((result) => result === 'reached').length);
    const found = new Set(runs.map(({ channel }) => channel));
    const outcomeOf = (channel: string, result: Outcome['result']): Outcome => ({
      channel,
      result,
      isCertain: this.#isCertain(channel, seen),
    });
    this.#owed.settle(asked, [
      ...[...asked].filter((channel) => !found.has(channel)).map((channel) => outcomeOf(channel, 'missed')),
      ...behind.map((run) => outcomeOf(run.channel, reached.get(run) ?? 'left alone')),
    ]);
  }

  /** Makes runs look, or ends their watches where a second list agrees with the first. */
  async #reach(due: readonly FoundRun[], seen: Seen, look: AccountLook): Promise<Map<FoundRun, Reached>> {
    const { poller } = this.#parts;
    const reached = new Map<FoundRun, Reached>();
    const reach = async (run: FoundRun, answer?: WatchAnswer) => reached.set(run, await poller.reach(run, answer));
    const candidates = this.#candidates(due, seen, look);
    const others = due.filter((run) => !candidates.some((one) => one.run === run));
    const answered = async () => {
      const answerTo = await this.#lookAgain(candidates, look);
      await inParallel(candidates, reachedAtOnce, (one) => reach(one.run, answerTo(one)));
    };
    await Promise.all([inParallel(others, reachedAtOnce, (run) => reach(run)), answered()]);
    return reached;
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

  /**
   * A run that waits and knows what was seen would find nothing new. A poller that begins anew takes all encoders for new: without this, each
   * run of the account would ask the vendor at once.
   */
  #knows({ channel, watch }: FoundRun, seen: Seen, at: number): boolean {
    const now = seen.get(channel) ?? { encoder: 'absent' };
    if (!watch?.of || changeBetween(watch.of.last, now, now, at)) return false;
    return this.#isCertain(channel, seen) || this.#owed.wasReached(channel);
  }

  #isCertain(channel: string, seen: Seen): boolean {
    return this.#parts.channels.isCertain(channel, seen.has(channel));
  }

  /** The runs whose watch ends when a second list agrees with the first: never for an absence, which would lose a show. */
  #candidates(runs: readonly FoundRun[], seen: Seen, { begunAt, at }: AccountLook): Candidate[] {
    const { driver, deps } = this.#parts;
    if (!driver.listProves) return [];
    const now = deps.clock.now();
    const found = runs.flatMap((run) => {
      const [watch, first] = [run.watch?.of, seen.get(run.channel)];
      if (!watch || !first || first.encoder === 'absent' || now >= watch.until || now < (watch.quietUntil ?? 0))
        return [];
      // What the run saw later than the list does not end by it.
      if (watch.lookedAt >= begunAt) return [];
      return changeBetween(watch.last, first, first, at) ? [{ run, watch, first }] : [];
    });
    return found.length < answeredFrom ? [] : found;
  }

  /** Gives the answer to each; undefined where the second list does not agree with the first, or came too late. */
  async #lookAgain(
    candidates: readonly Candidate[],
    before: AccountLook,
  ): Promise<(to: Candidate) => WatchAnswer | undefined> {
    const { deps, driver, record } = this.#parts;
    const unanswered = () => undefined;
    if (candidates.length === 0) return unanswered;
    await sleep(Math.max(0, before.at + confirmAfterMs * deps.timeScale - deps.clock.now()));
    if (!before.isFresh()) return unanswered;
    const list = async () => (await driver.listLive?.()) ?? [];
    const listed = this.look(() => runDriverStep(deps, 'watching', list, record)).catch(unlessCancelled);
    // A list that comes later would answer nothing any more: meanwhile the runs look by themselves.
    const after = await within(listed, freshForMs * deps.timeScale);
    if (!after) return unanswered;
    const seen = seenIn(after.live);
    return ({ run: { channel }, watch, first }) => {
      const second = seen.get(channel);
      if (!second || second.session !== first.session) return undefined;
      const change = changeBetween(watch.last, first, second, before.at);
      if (!change || change.kind === 'lost') return undefined;
      return { result: withClocks(deps, change), isFresh: () => after.isFresh() && deps.clock.now() < watch.until };
    };
  }
}

/** By the key of the channel. */
type Seen = ReadonlyMap<string, Observation>;

const seenIn = (live: readonly LiveChannel[]): Seen =>
  new Map(live.map(({ channel, observation }) => [channel, observation]));

/** While Temporal does not answer, the poller keeps what it knows. */
export async function unlessDown<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    log.warn(`the poller goes on, although Temporal did not answer: ${messageOf(error)}`);
    return undefined;
  }
}

/** Without a second list each run looks by itself; a poller that is ended ends. */
function unlessCancelled(error: unknown): undefined {
  if (cancellationSignal().aborted) throw error;
}
