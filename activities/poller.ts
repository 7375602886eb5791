import { setMaxListeners } from 'node:events';
import { activityInfo, cancellationSignal, log, sleep } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { LiveChannel } from '../domain/channel.ts';
import { type PollerRecord, pollerRecordOf, shortReason } from '../domain/conditions/poller-record.ts';
import { VendorError } from '../domain/errors.ts';
import { messageOf } from '../domain/message-of.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { PollerActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runDriverStep } from './driver-step.ts';
import { beatOnce } from './heartbeat.ts';
import { Followers } from './on-air/followers.ts';
import type { PollerPort } from './ports.ts';
import { type AccountLook, Rechecks, unlessDown } from './rechecks.ts';
import { pause } from './waiting.ts';
import { ConnectedSince, WatchedChannels } from './watched-channels.ts';

const second = 1000;
const tickMs = 5 * second;
/**
 * While the vendor does not answer, it is asked more seldom, from one question to the next, and often enough that its return is
 * seen soon: a question that waits in vain takes as long as the client's time limit.
 */
const slowestTickMs = 10 * second;
const shortestPauseMs = second;
/** How often the waiting events are counted, and how long there must be none before the poller ends. */
const countEveryMs = 30 * second;
const idleForMs = 5 * 60 * second;

/**
 * Looks at the account's channels again and again, and makes a run look when its channel appeared, vanished or began a new
 * session: by the vendor's list of live channels where there is one, which costs pages and not events, else by asking for
 * each channel in turn. Beside that it watches the live streams as their viewers do. One poller serves every event of the
 * account.
 */
export const pollerActivities = (deps: ActivityDeps): PollerActivities => ({
  followAccount: async ({ vendor, account }) => {
    const { poller } = deps;
    if (!poller)
      throw ApplicationFailure.nonRetryable('this worker has no Temporal client to signal events with', 'unknown');
    const driver = await deps.driver(vendor, account);
    const following = new AccountPoller({ deps, poller, driver, of: { vendor, account } });
    try {
      await following.untilIdle();
    } finally {
      await following.close();
    }
  },
});

interface Parts {
  deps: ActivityDeps;
  poller: PollerPort;
  driver: VendorDriver;
  of: { vendor: string; account: string };
}

/** One attempt to follow an account. */
class AccountPoller {
  readonly #parts: Parts;
  readonly #channels: WatchedChannels;
  readonly #connected = new ConnectedSince();
  readonly #followers: Followers | undefined;
  readonly #rechecks: Rechecks;
  /** Undefined until Temporal has said what runs saw last: a poller that begins anew must not miss what changed before. */
  #known: ReadonlyMap<string, string> | undefined;
  #tick = tickMs;
  /** Another worker goes on with what the one before saw. */
  #record = pollerRecordOf(activityInfo().heartbeatDetails);
  #neededAt = performance.now();
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    const { deps, poller, driver } = parts;
    this.#parts = parts;
    this.#channels = new WatchedChannels(driver, poller);
    this.#followers = followersOf(parts, this.#connected);
    this.#rechecks = new Rechecks({ ...parts, channels: this.#channels, record: () => this.#record });
    // One listener for each account, and one for each answer that waits, is no leak.
    for (const signal of [deps.stopping, cancellationSignal()]) setMaxListeners(0, signal);
  }

  /** @throws ApplicationFailure where another attempt is to go on */
  async untilIdle(): Promise<void> {
    const { stopping, timeScale } = this.#parts.deps;
    while (!cancellationSignal().aborted) {
      // A deploy must not wait for what never ends.
      if (stopping.aborted) throw anew('worker-stopping', 'this worker stops; another one goes on');
      if (this.#rechecks.wasSuspended)
        throw anew('machine-suspended', 'this machine was suspended: what it knew is old');
      await this.#count();
      let busyFrom = performance.now();
      const look = await this.#look();
      if (look) {
        busyFrom = performance.now();
        await this.#recheck(look);
      }
      if (performance.now() - this.#neededAt > idleForMs * timeScale) return;
      await this.#pause(performance.now() - busyFrom);
    }
  }

  async close(): Promise<void> {
    await this.#followers?.close();
  }

  /** Learns now and then which events wait for the poller. */
  async #count(): Promise<void> {
    const { poller, of, deps } = this.#parts;
    if (performance.now() - this.#countedAt < countEveryMs * deps.timeScale) return;
    this.#countedAt = performance.now();
    const runs = await unlessDown(() => poller.watching(of.vendor, of.account));
    if (runs === undefined || runs.length > 0) this.#neededAt = this.#countedAt;
    if (!runs) return;
    await this.#channels.of(runs);
    this.#followers?.follow(runs);
  }

  /** Undefined where the vendor does not answer: it is asked more seldom then. */
  async #look(): Promise<AccountLook | undefined> {
    const { poller, of, deps } = this.#parts;
    const list = () => this.#channels.live();
    const step = () => runDriverStep(deps, 'watching', list, () => this.#record);
    const answer = await listed(() => this.#rechecks.look(step));
    const look = 'seen' in answer ? answer.seen : undefined;
    if (look) this.#connected.take(look.live);
    this.#record = recordAfter(this.#record, answer, this.#channels.unseen(deps.clock.now()), deps);
    poller.onPoll?.(of.vendor, of.account, look !== undefined);
    this.#tick = look ? tickMs : Math.min(slowestTickMs, this.#tick * 2);
    return look;
  }

  /** Makes the runs look whose channels changed. */
  async #recheck(look: AccountLook): Promise<void> {
    const { poller, of } = this.#parts;
    const seen = new Map(look.live.map((one) => [one.channel, stateOf(one)]));
    const before = this.#known ?? (await unlessDown(() => connectedBefore(poller, of.vendor, of.account)));
    if (before) this.#known = seen;
    await this.#rechecks.of(changedBetween(before ?? new Map(), seen), look);
  }

  /** A slow tick is longer than the heartbeat timeout. */
  async #pause(tookMs: number): Promise<void> {
    const { stopping, timeScale } = this.#parts.deps;
    for (let left = Math.max(shortestPauseMs, this.#tick - tookMs); left > 0; left -= tickMs) {
      beatOnce(this.#record);
      await sleepUnless(stopping, Math.min(left, tickMs) * timeScale);
    }
  }
}

/** Undefined where this worker does not look as a viewer. */
function followersOf({ deps, poller, driver, of }: Parts, connected: ConnectedSince): Followers | undefined {
  const { viewer, blank, clock, secrets } = deps;
  if (!viewer) return undefined;
  return new Followers({
    driver,
    get: viewer,
    ...(blank && { blank }),
    poller,
    now: () => clock.now(),
    elapsed: () => performance.now(),
    secrets,
    connectedSince: (channel) => connected.since(channel),
    sleep: pause,
    watched: (workflowId, state) => poller.onView?.(of.vendor, of.account, workflowId, state),
  });
}

/** Another attempt goes on at once. */
const anew = (type: string, message: string): ApplicationFailure =>
  ApplicationFailure.create({ type, message, category: ApplicationFailureCategory.BENIGN, nextRetryDelay: 100 });

/** Leaves nothing behind: a promise that outlives the sleep would gather one waiter for each tick. */
async function sleepUnless(stopping: AbortSignal, ms: number): Promise<void> {
  if (stopping.aborted) return;
  let wake = () => {};
  const stopped = new Promise<void>((resolve) => {
    wake = resolve;
  });
  stopping.addEventListener('abort', wake, { once: true });
  try {
    await Promise.race([sleep(ms), stopped]);
  } finally {
    stopping.removeEventListener('abort', wake);
  }
}

const stateOf = ({ observation }: LiveChannel): string => `${observation.encoder} ${observation.session ?? ''}`;

function changedBetween(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const came = [...now].filter(([channel, state]) => before.get(channel) !== state).map(([channel]) => channel);
  const went = [...before.keys()].filter((channel) => !now.has(channel));
  return [...came, ...went];
}

async function connectedBefore(poller: PollerPort, vendor: string, account: string): Promise<Map<string, string>> {
  return new Map((await poller.connected(vendor, account)).map((channel) => [channel, 'connected']));
}

type Answer<T> = { seen: T } | { failure: unknown };

/** Throttling, outages and answers of another shape make the poller slower; they must not end it, nor what its viewers see. */
async function listed<T>(list: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { seen: await list() };
  } catch (error) {
    if (cancellationSignal().aborted) throw error;
    if (!(error instanceof ApplicationFailure || error instanceof VendorError))
      log.warn(`the poller goes on, although it could not read the live channels: ${error}`);
    return { failure: error };
  }
}

/** What the heartbeat says from now on. */
function recordAfter(
  before: PollerRecord,
  answer: Answer<unknown>,
  unseen: PollerRecord['unseen'],
  { clock }: ActivityDeps,
): PollerRecord {
  if ('seen' in answer)
    return {
      seenAt: clock.now(),
      ...(unseen && { unseen: unseen.map(({ reason, ...one }) => ({ ...one, reason: shortReason(reason) })) }),
    };
  const { failure } = answer;
  const reason = shortReason(messageOf(failure));
  return { ...before, failing: { since: before.failing?.since ?? clock.now(), reason } };
}
