import { heartbeat, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { type Channel, type ChannelRef, keyOf, placedKeyOf, type Session } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import { eventKeyOf } from '../domain/ids.ts';
import { keepNewest } from '../domain/keep-newest.ts';
import { isBug, messageOf } from '../domain/message-of.ts';
import { redact } from '../domain/redact.ts';
import {
  asksAgain,
  contradicts,
  isElsewhere,
  isLeftAlone,
  isSilent,
  type OrphanedResource,
  type SweptResource,
  type WhyOrphaned,
} from '../domain/sweep.ts';
import { withBilledStates } from '../domain/usage/billing.ts';
import type { Progress, VendorDriver } from '../vendors/driver.ts';
import { pagesOf } from '../vendors/pages.ts';
import { type MutationCounter, runWith } from '../vendors/under-way.ts';
import type { SweepActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runDriverStep } from './driver-step.ts';
import { longestText } from './failures.ts';
import type { ResourceOwner } from './ports.ts';
import { pause } from './waiting.ts';

/** A run that allocates within so long finds what an earlier one left, and closes it or goes on with it. */
const allocatesSoonMs = 15 * 60_000;

/** How often the release of one resource is tried while the vendor is not done; then the next sweep continues. */
const triesPerResource = 20;

export const sweepActivities = (deps: ActivityDeps): SweepActivities => ({
  sweepableAccounts: async () => deps.allAccounts(),

  findOrphans: async ({ vendor, account }) => {
    const driver = await deps.driver(vendor, account);
    let seen = 0;
    const orphans: OrphanedResource[] = [];
    for await (const ref of ownedBy(deps, driver, vendor)) {
      seen += 1;
      // What a run recorded is asked of its workers, which may take its time for each resource.
      heartbeat();
      const resource = await ifOrphaned(deps, driver, ref);
      if (resource) orphans.push(resource);
    }
    return { seen, orphans };
  },

  releaseOrphan: async ({ ref, reason }) => {
    // The grace time begins with a look that knew whose the resource is.
    if (reason === isSilent) return asksAgain(ref);
    const driver = await deps.driver(ref.vendor, ref.account);
    // In the grace time, and while the vendor is not done, the same event may be started anew.
    const kept = await whyKept(deps, driver, ref);
    if (kept) return kept;
    const mayChange = async () => {
      const keptNow = await whyKept(deps, driver, ref);
      if (keptNow) throw new Kept(keptNow);
    };
    const counter: MutationCounter = { count: 0, states: [], mayChange };
    try {
      return await runWith({ counter }, async () => {
        const sessions = await sessionsOf(deps, driver, ref);
        const released = await release(deps, driver, ref);
        if (released.outcome !== 'released') return released;
        return {
          ...released,
          usage: {
            channel: placedKeyOf(ref),
            at: deps.clock.now(),
            states: withBilledStates([], counter.states ?? []),
            sessions,
          },
        };
      });
    } catch (error) {
      if (error instanceof Kept) return error.outcome;
      logBug(deps, ref, error);
      return { outcome: 'not released', detail: redact(messageOf(error), deps.secrets()) };
    }
  },
});

type Outcome = Pick<SweptResource, 'outcome' | 'detail'>;

/** Ends a release before its next change at the vendor: thrown by the guard of each change, and caught once. */
class Kept extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super(outcome.outcome);
    this.outcome = outcome;
  }
}

/** Why the resource is not to be released now. */
async function whyKept(deps: ActivityDeps, driver: VendorDriver, ref: ChannelRef): Promise<Outcome | undefined> {
  const orphaned = await ifOrphaned(deps, driver, ref);
  if (!orphaned) return { outcome: 'alive again' };
  if (orphaned.reason === isSilent) return asksAgain(ref);
  return isLeftAlone(orphaned.reason) ? { outcome: 'left alone', detail: orphaned.reason } : undefined;
}

/** Stops the channel as its run would have, because the vendor's record of the sessions goes with it. */
async function sessionsOf(deps: ActivityDeps, driver: VendorDriver, ref: ChannelRef): Promise<Session[]> {
  const channel = await deps.sweep?.channelOf?.(ref.workflowId);
  if (!channel || keyOf(channel.ref) !== keyOf(ref)) return [];
  try {
    const stopped = await tryUntilDone(deps, () => driver.stop(channel));
    if (stopped.done) return stopped.value.sessions;
  } catch (error) {
    // What it sent is not seen then; it is released all the same.
    if (!(error instanceof VendorError || isBug(error))) throw error;
    logBug(deps, ref, error);
  }
  return [];
}

const loggedBugs = new Set<string>();

/** Each sweep meets the same bug again: its stack is logged once in a process. */
function logBug(deps: ActivityDeps, { vendor, workflowId }: ChannelRef, error: unknown): void {
  const bug = `${vendor}: ${messageOf(error)}`;
  if (!isBug(error) || loggedBugs.has(bug)) return;
  loggedBugs.add(bug);
  keepNewest(loggedBugs, 100);
  const clean = (text = '') => redact(text, deps.secrets(), longestText);
  log.error(`the sweep of ${clean(bug)}`, { workflowId, stack: clean(error.stack) });
}

async function release(deps: ActivityDeps, driver: VendorDriver, ref: ChannelRef): Promise<Outcome> {
  const cleaned = await tryUntilDone(deps, () => driver.cleanUp(ref));
  if (cleaned.done) return { outcome: 'released' };
  return { outcome: 'not released', detail: `still waiting for ${cleaned.waitingFor}; the next sweep continues` };
}

/** Tries a step of the driver until it is done, or so often as one sweep does. */
async function tryUntilDone<T>({ timeScale }: ActivityDeps, step: () => Promise<Progress<T>>): Promise<Progress<T>> {
  for (let tries = 1; ; tries += 1) {
    heartbeat();
    const progress = await step();
    if (progress.done || tries === triesPerResource) return progress;
    await pause(Math.max(20, progress.retryAfterMs * timeScale));
  }
}

async function* ownedBy(deps: ActivityDeps, driver: VendorDriver, vendor: string): AsyncGenerator<ChannelRef> {
  const pages = pagesOf({ vendor, operation: 'owned' }, (cursor) => {
    heartbeat();
    return runDriverStep(deps, 'recording', () => driver.owned(cursor));
  });
  for await (const refs of pages) yield* refs;
}

async function ifOrphaned(
  { sweep, clock }: ActivityDeps,
  driver: VendorDriver,
  ref: ChannelRef,
): Promise<OrphanedResource | undefined> {
  if (!sweep)
    throw ApplicationFailure.nonRetryable('this worker has no Temporal client to look up runs with', 'unknown');
  const owner = await sweep.ownerOf(ref.workflowId);
  const reason = whyOrphaned(owner, driver, ref, clock.now());
  if (reason === undefined || reason === contradicts) return reason && { ref, reason };
  // There is no run to ask.
  if (owner.state === 'unknown') return { ref, reason };
  let made: Channel | undefined;
  try {
    made = await sweep.channelOf?.(ref.workflowId);
  } catch {
    return { ref, reason: isSilent };
  }
  const checked = comparedWith(made, owner, ref, reason);
  return checked && { ref, reason: checked };
}

/** The reason again, or what the channel that the run recorded says against it; undefined where the resource is that channel. */
function comparedWith(
  made: Channel | undefined,
  owner: ResourceOwner,
  ref: ChannelRef,
  reason: WhyOrphaned,
): WhyOrphaned | undefined {
  // The place protects what is found where the account of the run was pointed to later; another account has a place of its own.
  if (made && isAt(made.ref, ref))
    return made.ref.place === undefined || made.ref.place === ref.place ? reason : isElsewhere;
  if (!isMoved(owner, ref) || owner.channel === undefined) return reason;
  if (!made || keyOf(made.ref) !== owner.channel) return isSilent;
  if (made.ref.vendor !== ref.vendor || made.ref.name !== ref.name) return reason;
  // A driver cleans up all that has the name. Where two accounts lead to one place, that may be the channel on air, beside a double of it.
  if (owner.channel !== keyOf(ref)) return isElsewhere;
  // Two accounts may lead to one place, whose channels both list: then this is the channel that the run has on air.
  const { place } = made.ref;
  if (ref.id !== undefined || place === undefined || ref.place === undefined || place === ref.place) return undefined;
  // One place may be written in two ways, by two host names for one: the same name in another place proves no other channel.
  return isElsewhere;
}

const isAt = (at: { vendor: string; account: string }, ref: ChannelRef): boolean =>
  at.vendor === ref.vendor && at.account === ref.account;

/** The event was started again at another account, where its run is running. */
const isMoved = ({ state, at }: ResourceOwner, ref: ChannelRef): boolean =>
  state === 'running' && at !== undefined && !isAt(at, ref);

function whyOrphaned(
  owner: ResourceOwner,
  driver: VendorDriver,
  ref: ChannelRef,
  now: number,
): WhyOrphaned | undefined {
  const { state, channel, waitsUntil } = owner;
  // Before the state: the tag of a running event must not hide a stray resource. Runs of older versions gave other names.
  const isOfTheRun = nameFor(driver, ref) === ref.name || channel === keyOf(ref);
  if (!isOfTheRun) return contradicts;
  // The name of a channel may be its run's own: then one that an earlier run left does not wait for the end of this one.
  const isReplaced = ref.id === undefined && channel !== undefined && channel !== ref.name;
  if (state === 'running') {
    if (isReplaced || (channel !== undefined && isMoved(owner, ref))) return 'its run has another channel';
    // An event that was terminated on air and is planned anew for another day must not hide what it left until then.
    const isLater = waitsUntil !== undefined && waitsUntil - now > allocatesSoonMs;
    return isLater ? 'its run allocates later' : undefined;
  }
  return state === 'over' ? 'its run is over' : 'its run is unknown to Temporal';
}

/** The name that the channel of its workflow has, its own where it may have that; nothing where it can have none. */
function nameFor(driver: VendorDriver, { workflowId, name: kept }: ChannelRef): string | undefined {
  const eventId = eventKeyOf(workflowId);
  if (eventId === undefined) return undefined;
  try {
    return driver.refOf({ eventId, workflowId, kept }).name;
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'invalid-request') return undefined;
    throw error;
  }
}
