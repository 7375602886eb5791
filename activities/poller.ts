import { setMaxListeners } from 'node:events';
import { activityInfo, cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { LiveChannel } from '../domain/channel.ts';
import { type PollerRecord, pollerRecordOf, shortReason } from '../domain/conditions/poller-record.ts';
import { VendorError } from '../domain/errors.ts';
import { messageOf } from '../domain/message-of.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { PollerActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runDriverStep } from './driver-step.ts';
import { Followers } from './on-air/followers.ts';
import type { PollerPort } from './ports.ts';
import { Rechecks, unlessDown } from './rechecks.ts';
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
    const channels = new WatchedChannels(driver, poller);
    const connected = new ConnectedSince();
    const followers = followersOf(deps, poller, driver, { vendor, account }, connected);
    /** Undefined until Temporal has said what runs saw last: a poller that begins anew must not miss what changed before. */
    let known: ReadonlyMap<string, string> | undefined;
    let tick = tickMs;
    // Another worker goes on with what the one before saw.
    let record = pollerRecordOf(activityInfo().heartbeatDetails);
    const rechecks = new Rechecks({ deps, poller, driver, channels, of: { vendor, account }, record: () => record });
    let neededAt = performance.now();
    let countedAt = Number.NEGATIVE_INFINITY;
    // One listener for each account, and one for each answer that waits, is no leak.
    for (const signal of [deps.stopping, cancellationSignal()]) if (signal) setMaxListeners(0, signal);
    try {
      while (!cancellationSignal().aborted) {
        handOverIf(deps.stopping);
        if (rechecks.wasSuspended) throw anew('machine-suspended', 'this machine was suspended: what it knew is old');
        if (performance.now() - countedAt >= countEveryMs * deps.timeScale) {
          countedAt = performance.now();
          const runs = await unlessDown(() => poller.watching(vendor, account));
          if (runs === undefined || runs.length > 0) neededAt = countedAt;
          if (runs) {
            await channels.of(runs);
            followers?.follow(runs);
          }
        }
        let busyFrom = performance.now();
        const list = () => channels.live();
        const answer = await listed(() => rechecks.look(() => runDriverStep(deps, 'watching', list, () => record)));
        const look = 'seen' in answer ? answer.seen : undefined;
        if (look) connected.take(look.live);
        record = recordAfter(record, answer, channels.unseen(deps.clock.now()), deps);
        poller.onPoll?.(vendor, account, look !== undefined);
        tick = look ? tickMs : Math.min(slowestTickMs, tick * 2);
        if (look) {
          busyFrom = performance.now();
          const seen = new Map(look.live.map((one) => [one.channel, stateOf(one)]));
          const before = known ?? (await unlessDown(() => connectedBefore(poller, vendor, account)));
          if (before) known = seen;
          await rechecks.of(changedBetween(before ?? new Map(), seen), look);
        }
        if (performance.now() - neededAt > idleForMs * deps.timeScale) return;
        const tookMs = performance.now() - busyFrom;
        // A slow tick is longer than the heartbeat timeout.
        for (let left = Math.max(shortestPauseMs, tick - tookMs); left > 0; left -= tickMs) {
          heartbeat(record);
          await sleepUnless(deps.stopping, Math.min(left, tickMs) * deps.timeScale);
        }
      }
    } finally {
      await followers?.close();
    }
  },
});

/** Undefined where this worker does not look as a viewer. */
function followersOf(
  deps: ActivityDeps,
  poller: PollerPort,
  driver: VendorDriver,
  { vendor, account }: { vendor: string; account: string },
  connected: ConnectedSince,
): Followers | undefined {
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
    watched: (workflowId, state) => poller.onView?.(vendor, account, workflowId, state),
  });
}

/** A deploy must not wait for what never ends. */
function handOverIf(stopping: AbortSignal | undefined): void {
  if (stopping?.aborted) throw anew('worker-stopping', 'this worker stops; another one goes on');
}

/** Another attempt goes on at once. */
const anew = (type: string, message: string): ApplicationFailure =>
  ApplicationFailure.create({ type, message, category: ApplicationFailureCategory.BENIGN, nextRetryDelay: 100 });

/** Leaves nothing behind: a promise that outlives the sleep would gather one waiter for each tick. */
async function sleepUnless(stopping: AbortSignal | undefined, ms: number): Promise<void> {
  if (stopping?.aborted) return;
  let wake = () => {};
  const stopped = new Promise<void>((resolve) => {
    wake = resolve;
  });
  stopping?.addEventListener('abort', wake, { once: true });
  try {
    await Promise.race([sleep(ms), stopped]);
  } finally {
    stopping?.removeEventListener('abort', wake);
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
