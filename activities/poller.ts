import { setMaxListeners } from 'node:events';
import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { LiveChannel } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { PollerActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runDriverStep } from './driver-step.ts';
import { Followers } from './on-air/followers.ts';
import type { PollerPort } from './ports.ts';
import { Connected, WatchedChannels } from './watched-channels.ts';

const second = 1000;
const tickMs = 5 * second;
const slowestTickMs = 60 * second;
/** How often the waiting events are counted, and how long there must be none before the poller ends. */
const countEveryMs = 30 * second;
const idleForMs = 5 * 60 * second;
const recheckedAtOnce = 50;
/** Visibility lags a moment behind; a channel that is still unknown after these many ticks is not ours. */
const mostTries = 3;

/**
 * Looks at the account's channels again and again, and signals a run when its channel appeared, vanished or began a new
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
    const connected = new Connected();
    const followers = followersOf(deps, poller, driver, { vendor, account }, connected);
    let known = new Map<string, string>();
    let owed = new Map<string, number>();
    let tick = tickMs;
    let neededAt = performance.now();
    let countedAt = Number.NEGATIVE_INFINITY;
    // One listener for each account is no leak.
    if (deps.stopping) setMaxListeners(0, deps.stopping);
    try {
      while (!cancellationSignal().aborted) {
        handOverIf(deps.stopping);
        heartbeat();
        if (performance.now() - countedAt >= countEveryMs * deps.timeScale) {
          countedAt = performance.now();
          const runs = await poller.watching(vendor, account);
          if (runs.length > 0) neededAt = countedAt;
          await channels.of(runs);
          followers?.follow(runs);
        }
        const seen = await listed(() => runDriverStep(deps, 'watching', () => channels.live()));
        poller.onPoll?.(vendor, account, seen !== undefined);
        tick = seen ? tickMs : Math.min(slowestTickMs, tick * 2);
        if (seen) {
          connected.take(seen);
          const now = new Map(seen.map((one) => [one.channel, stateOf(one)]));
          const changed = [...new Set([...owed.keys(), ...changedBetween(known, now)])];
          known = now;
          const unknown = await inBatches(changed, (batch) => poller.recheck(vendor, account, batch));
          owed = triedAgain(owed, unknown);
        }
        if (performance.now() - neededAt > idleForMs * deps.timeScale) return;
        await sleepUnless(deps.stopping, tick * deps.timeScale);
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
  connected: Connected,
): Followers | undefined {
  const { viewer, clock, secrets } = deps;
  if (!viewer) return undefined;
  return new Followers({
    driver,
    get: viewer,
    poller,
    now: () => clock.now(),
    elapsed: () => performance.now(),
    secrets,
    connectedSince: (channel) => connected.since(channel),
    sleep: pause,
    watched: (workflowId, state) => poller.onView?.(vendor, account, workflowId, state),
  });
}

/** Nothing is left behind when it is ended early. */
function pause(ms: number, ended: AbortSignal): Promise<void> {
  if (ended.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      ended.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    ended.addEventListener('abort', wake, { once: true });
  });
}

/** A deploy must not wait for what never ends. */
function handOverIf(stopping: AbortSignal | undefined): void {
  if (!stopping?.aborted) return;
  throw ApplicationFailure.create({
    type: 'worker-stopping',
    message: 'this worker stops; another one goes on',
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: 100,
  });
}

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

const triedAgain = (owed: ReadonlyMap<string, number>, unknown: readonly string[]): Map<string, number> =>
  new Map(
    unknown.map((channel) => [channel, (owed.get(channel) ?? 0) + 1] as const).filter(([, tries]) => tries < mostTries),
  );

/** Throttling and outages make the poller slower; they must not end it. */
async function listed(list: () => Promise<LiveChannel[]>): Promise<LiveChannel[] | undefined> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof VendorError) return undefined;
    throw error;
  }
}

async function inBatches(all: readonly string[], recheck: (batch: string[]) => Promise<string[]>): Promise<string[]> {
  const left: string[] = [];
  for (let at = 0; at < all.length; at += recheckedAtOnce) {
    left.push(...(await recheck(all.slice(at, at + recheckedAtOnce))));
    heartbeat();
  }
  return left;
}
