import { keyOf } from '../channel.ts';
import { acceptsEncoder, hasOneStep, isOver } from '../phases.ts';
import type { EventStatus } from '../report.ts';
import { stillBilledOf, stillBilledText } from '../still-billed.ts';
import { formatInstant } from '../time.ts';
import { cueText, halfOfTheWait } from '../timeline.ts';
import { type PendingStep, stepText } from './pending-step.ts';
import type { PollerRecord } from './poller-record.ts';

/**
 * What is wrong with an event as it was last seen, derived and never stored. `stale`: the run or its encoder was not seen
 * lately, so that what is shown may be over; `failing`: a step fails again and again; `overdue`: a cue has passed and the
 * run has not acted; `slow`: a step takes long; `encoder-missing`: half of the wait for the encoder is over; `still-billed`.
 */
export const conditionNames = ['stale', 'failing', 'overdue', 'slow', 'encoder-missing', 'still-billed'] as const;
export type ConditionName = (typeof conditionNames)[number];

export interface Condition {
  name: ConditionName;
  /** Epoch milliseconds. */
  since: number;
  message: string;
}

/** What is known of the poller of an account. Epoch milliseconds. */
export interface AccountSeen extends PollerRecord {
  vendor: string;
  account: string;
  /** When Temporal last heard of the poller; absent while none runs. */
  heardAt?: number;
}

/** All that was last seen of an event. */
export interface SeenEvent {
  status?: EventStatus;
  /** When its run answered last; absent while it never did. */
  seenAt?: number;
  /** Why the last question was not answered. */
  unanswered?: string;
  /** Of its run; absent where it was not asked for them. */
  steps?: readonly PendingStep[];
  /** The pollers of its accounts; one that is not among them was not asked for. */
  accounts: readonly AccountSeen[];
}

const second = 1_000;
/** Two looks may fail before what was seen counts as old. */
const runStaleMs = 8 * second;
/** A poller looks every 5 s. */
export const accountStaleMs = 10 * second;
const overdueMs = 5 * second;
/** The longest that a run without a poller waits between two looks, and some time for the look. */
const ownLookMs = 75 * second;

/** What is wrong with an event, the gravest first. */
export function conditionsOf(seen: SeenEvent, now: number): Condition[] {
  const { status } = seen;
  const run = unanswered(seen, now);
  if (!status) return run ? [run] : [];
  if (isOver(status.phase)) return billed(seen, status, now);
  return [
    ...(run ? [run] : unseenEncoders(seen, status, now)),
    ...failing(seen, status, now),
    ...overdue(status, now),
    ...slow(seen, status, now),
    ...encoderMissing(status, now),
    ...billed(seen, status, now),
  ];
}

function unanswered({ status, seenAt, unanswered: why }: SeenEvent, now: number): Condition | undefined {
  if (why === undefined || (seenAt !== undefined && now - seenAt < runStaleMs)) return undefined;
  const since = seenAt ?? now;
  const known = status ? `what is shown is of ${formatInstant(since)}` : 'nothing is known of it';
  return { name: 'stale', since, message: `the run does not answer: ${why}; ${known}` };
}

function unseenEncoders({ accounts, steps = [] }: SeenEvent, status: EventStatus, now: number): Condition[] {
  const of = (one: EventStatus, ofLeg?: string) => {
    const account = accounts.find(({ vendor, account }) => vendor === one.vendor && account === one.account);
    const look = steps.find(({ name, leg }) => name === 'watchEncoder' && leg === ofLeg);
    return account && acceptsEncoder(one.phase) ? unseen(account, one, { look, now }) : [];
  };
  if (!status.legs) return of(status);
  return status.legs.flatMap(({ name, status: leg }) =>
    leg ? of(leg, name).map((one) => ({ ...one, message: `leg ${name}: ${one.message}` })) : [],
  );
}

/** The encoder of a run whose account is not seen, or that is not seen itself. */
function unseen(
  account: AccountSeen,
  status: EventStatus,
  { look, now }: { look: PendingStep | undefined; now: number },
): Condition[] {
  const name = `${account.vendor} / ${account.account}`;
  const stale = (since: number, why: string): Condition[] => [
    { name: 'stale', since, message: `the encoder was last seen at ${formatInstant(since)}: ${why}` },
  ];
  const acceptsSince = status.entered['waiting-for-encoder'] ?? now;
  const { heardAt, seenAt, failing: failure } = account;
  const lastSeen = Math.max(seenAt ?? 0, acceptsSince);
  if (heardAt === undefined) {
    // Without a poller the run looks by itself, less often.
    const lookedAt = Math.max(acceptsSince, look?.triedAt ?? 0);
    if (look?.failing) return stale(look.failing.since ?? lookedAt, look.reason ?? '');
    return now - lookedAt < ownLookMs ? [] : stale(lookedAt, `no poller follows ${name}`);
  }
  if (now - lastSeen >= accountStaleMs) {
    const silent = now - heardAt >= accountStaleMs && `the poller of ${name} is silent since ${formatInstant(heardAt)}`;
    return stale(lastSeen, silent || failure?.reason || `${name} has not answered since`);
  }
  if (failure) return stale(lastSeen, failure.reason);
  const key = status.channel && keyOf(status.channel.ref);
  const refused = account.unseen?.find(({ channel }) => channel === key);
  return refused ? stale(refused.since, refused.reason) : [];
}

function failing({ steps = [] }: SeenEvent, { phase, entered }: EventStatus, now: number): Condition[] {
  return steps.flatMap(({ name, leg, failing: failure, attempt, reason = 'without a reason' }) => {
    // The encoder's looks have their own condition: what is not seen.
    if (!failure || name === 'watchEncoder') return [];
    const tries = failure.errors ?? attempt;
    const since = failure.since ?? entered[phase] ?? now;
    const ofLeg = leg === undefined ? '' : `leg ${leg}: `;
    const times = `${tries} ${tries === 1 ? 'time' : 'times'} until now`;
    return [{ name: 'failing', since, message: `${ofLeg}${stepText(name)} fails, ${times}: ${reason}` }];
  });
}

function overdue({ nextCue }: EventStatus, now: number): Condition[] {
  if (!nextCue || now - nextCue.at < overdueMs) return [];
  const message = `overdue: ${cueText(nextCue.what, `at ${formatInstant(nextCue.at)}`)}, and it has not been done`;
  return [{ name: 'overdue', since: nextCue.at, message }];
}

/** A step that takes longer is worth a warning. */
export const slowStepMs = 300 * second;

/** A step that waits for the vendor for long. One that fails, or whose cue has passed, is shown as that. */
function slow({ steps = [] }: SeenEvent, status: EventStatus, now: number): Condition[] {
  const { phase, entered, plan, nextCue } = status;
  const since = entered[phase];
  if (since === undefined || !hasOneStep(phase)) return [];
  const waiting = steps.find(({ failing: failure, reason }) => !failure && reason !== undefined);
  const afterMs = plan?.notify?.slowStepMs ?? slowStepMs;
  if (!waiting || now - since < afterMs || (nextCue && now - nextCue.at >= overdueMs)) return [];
  return [{ name: 'slow', since, message: `${stepText(waiting.name)} takes long; it waits for ${waiting.reason}` }];
}

function encoderMissing(status: EventStatus, now: number): Condition[] {
  const { phase, encoder, plan, entered, nextCue } = status;
  if (phase !== 'waiting-for-encoder' || encoder !== 'waiting' || !plan || status.legs) return [];
  const since = halfOfTheWait(plan, { awaitedSince: entered[phase], endsAt: status.endsAt });
  if (now < since) return [];
  const end = nextCue ? cueText(nextCue.what, `at ${formatInstant(nextCue.at)}`) : 'the show fails without one';
  return [{ name: 'encoder-missing', since, message: `no encoder was seen, and half of the wait is over: ${end}` }];
}

const usualStopMs = 60 * second;

/** While a run closes down as usual there is nothing to be done. */
function billed({ steps = [] }: SeenEvent, status: EventStatus, now: number): Condition[] {
  return stillBilledOf(status).flatMap((one) => {
    const since = one.since ?? now;
    const fails = steps.some(({ name, leg, failing: is }) => is && leg === one.leg && closingSteps.includes(name));
    const isUsual = one.closing && !fails && (one.closing.stoppedAt !== undefined || now - since < usualStopMs);
    return isUsual ? [] : [{ name: 'still-billed', since, message: `still billed: ${stillBilledText(one)}` }];
  });
}

const closingSteps: readonly string[] = ['stop', 'cleanUp'];
