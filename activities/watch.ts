import { sleep } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Channel, Observation } from '../domain/channel.ts';
import { shortReason } from '../domain/conditions/poller-record.ts';
import { VendorError } from '../domain/errors.ts';
import { messageOf } from '../domain/message-of.ts';
import { changeBetween, type EncoderChange } from '../domain/presence.ts';
import { formatDuration, formatInstant } from '../domain/time.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import { skewedClocks } from './clocks.ts';
import type { EncoderWatch, LiveEventActivities, Outage, WatchResult } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { failedBefore, runDriverStep } from './driver-step.ts';
import { mostJitter, notBefore, notYet } from './failures.ts';
import type { WatchedFor } from './ports.ts';
import { within } from './waiting.ts';

const second = 1000;
const minute = 60 * second;
/** One look that differs is not a change: the second look comes this much later. */
export const confirmAfterMs = 2 * second;

/** Characters. Temporal warns in its log of a failure of more than 2 KB, and keeps none of the details of one of 4. */
const mostSaid = 1_200;
/** How long past its deadline an absent encoder is looked for while the vendor does not answer, before that is unknown. */
const lastChanceMs = minute;

/** An attempt that hangs longer is ended by its timeout, which says nothing of what hung. */
const longestLookMs = 50 * second;

/** Looks once, and confirms what it sees; otherwise it is asked again by its own retry. */
export const watchActivities = (deps: ActivityDeps): Pick<LiveEventActivities, 'watchEncoder'> => ({
  watchEncoder: async (watch) => {
    const seen = await watchOnce(deps, watch);
    const at = deps.clock.temporalNow;
    const isChange = seen.kind !== 'until' && seen.kind !== 'absent';
    const result = isChange || at === undefined ? seen : { ...seen, at };
    return withClocks(deps, result);
  },
});

/** A result with the clocks that are wrong. */
export function withClocks({ clock }: ActivityDeps, result: WatchResult): WatchResult {
  const clocks = skewedClocks(clock);
  return clocks.length > 0 ? { ...result, clocks } : result;
}

async function watchOnce(deps: ActivityDeps, watch: EncoderWatch): Promise<WatchResult> {
  const now = deps.clock.now();
  if (now >= watch.until) return atTheDeadline(deps, watch);
  if (watch.quietUntil !== undefined && now < watch.quietUntil && !watch.isOverdue) {
    const waitingFor = 'a quiet moment, because the encoder came and went often';
    throw notBefore(Math.min(watch.quietUntil, watch.until), now, waitingFor);
  }
  // A vendor that hangs must not delay a cue.
  const msLeft = watch.until - now;
  const beforeCue = () =>
    msLeft < longestLookMs ? within(look(deps, watch), msLeft) : lookWithin(deps, watch, longestLookMs);
  const seen = await runDriverStep(deps, 'watching', beforeCue).catch((error: unknown) => {
    throw notPast(watch.until, deps.clock.now(), error);
  });
  if (!seen) return afterItHung(watch);
  if (seen.change) return seen.change;
  const outage = outageBefore(deps);
  if (watch.isOverdue) return { kind: 'absent', ...said(seen), ...outage };
  if (outage && watch.reportsOutages) return { kind: 'until', ...outage };
  throw lookAgainLater(deps, watch, seen, await isFollowed(deps, watch));
}

/** Looks may be a minute apart while all is well: what a shorter outage hides they may not see either. */
function outageBefore({ clock, timeScale }: ActivityDeps): { outage: Outage } | undefined {
  const failed = failedBefore();
  const to = clock.now();
  if (!failed || to - failed.since < minute * timeScale) return undefined;
  return { outage: { from: failed.since, to, why: failed.why } };
}

/** A cue must not wait for the next look, where the vendor does not answer. */
function notPast(until: number, now: number, error: unknown): unknown {
  const delay = delayAfter(error);
  return delay === undefined
    ? error
    : Object.assign(error as ApplicationFailure, { nextRetryDelay: Math.max(1, Math.min(delay, until - now)) });
}

/** When the next attempt comes, as steps ask for it. Milliseconds. */
const delayAfter = (error: unknown): number | undefined =>
  error instanceof ApplicationFailure && typeof error.nextRetryDelay === 'number' ? error.nextRetryDelay : undefined;

/** The look that was under way may have been about to find it: the next one has an attempt of its own, and its time. */
function afterItHung(watch: EncoderWatch): WatchResult {
  if (!isLookedForAtTheDeadline(watch)) return { kind: 'until' };
  throw notYet('one more look at the encoder, because the one before hung', 0, 1, Number.POSITIVE_INFINITY);
}

/** What could not be seen for so long must not hold up the end of the show. */
const isLookedForAtTheDeadline = ({ last, isOverdue }: EncoderWatch): boolean =>
  last.encoder === 'absent' && !isOverdue;

/** A worker that slept over the whole wait must not give up an encoder that came meanwhile. */
async function atTheDeadline(deps: ActivityDeps, watch: EncoderWatch): Promise<WatchResult> {
  if (!isLookedForAtTheDeadline(watch)) return { kind: 'until' };
  const begunAt = deps.clock.now();
  const lastAt = watch.until + lastChanceMs * deps.timeScale;
  const ms = begunAt < lastAt ? Math.min(lastAt - begunAt, longestLookMs) : longestLookMs;
  try {
    const seen = await runDriverStep(deps, 'watching', () => lookWithin(deps, watch, ms));
    return seen.change ?? { kind: 'until', ...said(seen), ...outageBefore(deps) };
  } catch (error) {
    // The delay grows with the errors before the deadline: a next look, which may take as long, must be done within the last chance.
    const now = deps.clock.now();
    const doneAt = now + (delayAfter(error) ?? 0) + (now - begunAt);
    if (doneAt < lastAt) throw error;
    const unseen = shortReason(messageOf(error));
    return { kind: 'until', unseen, outage: { from: failedBefore()?.since ?? begunAt, to: now, why: unseen } };
  }
}

/** The vendor's word for the absence: a channel that is gone is not the encoder's fault. */
const said = ({ vendorState }: EncoderSeen): { vendorState?: string } =>
  vendorState === undefined ? {} : { vendorState };

/** What was seen, and the change if two looks agree on one. */
interface EncoderSeen {
  change?: EncoderChange;
  vendorState?: string;
}

/** @throws VendorError where the vendor does not answer for so long */
async function lookWithin(deps: ActivityDeps, watch: EncoderWatch, ms: number): Promise<EncoderSeen> {
  const seen = await within(look(deps, watch), ms);
  if (seen) return seen;
  const { vendor, name } = watch.channel.ref;
  const message = `no answer within ${formatDuration(Math.ceil(ms / second) * second)}`;
  throw new VendorError({ kind: 'unavailable', vendor, operation: 'observe', resource: name, message });
}

async function look(deps: ActivityDeps, { channel, last }: EncoderWatch): Promise<EncoderSeen> {
  const driver = await deps.driver(channel.ref.vendor, channel.ref.account);
  const first = await observe(driver, channel);
  const { vendorState } = first;
  const at = deps.clock.now();
  if (!changeBetween(last, first, first, at)) return { vendorState };
  await sleep(confirmAfterMs * deps.timeScale);
  return { change: changeBetween(last, first, await observe(driver, channel), at), vendorState };
}

async function observe(driver: VendorDriver, channel: Channel): Promise<Observation> {
  try {
    return await driver.observe(channel);
  } catch (error) {
    // A channel that is definitely gone has no encoder: the run must see that, not retry.
    if (!(error instanceof VendorError) || error.kind !== 'not-found') throw error;
    return { encoder: 'absent', vendorState: 'not found' };
  }
}

function lookAgainLater(
  { clock, timeScale }: ActivityDeps,
  watch: EncoderWatch,
  { vendorState }: EncoderSeen,
  followed: boolean,
): Error {
  const inItsWords = vendorState === undefined ? '' : ` (vendor says ${vendorState})`;
  const now = clock.now();
  const wrong = clock.skewText === undefined ? '' : ` (${clock.skewText})`;
  const waitingFor =
    watch.last.encoder === 'absent'
      ? `the encoder to connect, until ${formatInstant(watch.until)}${inItsWords}${wrong}`
      : `the next cue at ${formatInstant(watch.until)}; the encoder is ${watch.last.encoder}${wrong}`;
  // The own look of a run that a poller follows only heals a lost message; the poller reads what is looked for.
  const everyMs = (followed ? 10 * minute : alone(now, watch)) * timeScale;
  const { last, until, quietUntil, channel, playback, darkMs } = watch;
  // The cue must not wait for a jitter.
  const isCueNext = everyMs * mostJitter >= until - now;
  const failure = isCueNext
    ? notBefore(until, now, waitingFor)
    : notYet(waitingFor, everyMs, 1, Number.POSITIVE_INFINITY);
  const of = { channel, playback, darkMs };
  const isShort = JSON.stringify(of).length <= mostSaid;
  const watchedFor: WatchedFor = { last, until, quietUntil, ...(isShort && { of }) };
  return followed ? Object.assign(failure, { details: [watchedFor] }) : failure;
}

async function isFollowed(deps: ActivityDeps, { channel, noHints }: EncoderWatch): Promise<boolean> {
  const { vendor, account } = channel.ref;
  return !noHints && (await deps.poller?.ensure(vendor, account)) === true;
}

/** Far from the expected start seldom; around it, and just after a loss, often. */
function alone(now: number, { expectedAt, last }: EncoderWatch): number {
  if (last.encoder !== 'absent') return 10 * second;
  const away = now - expectedAt;
  if (away < -10 * minute) return minute;
  if (away < 10 * minute) return 5 * second;
  return 15 * second;
}
