import { activityInfo } from '@temporalio/activity';
import { withSkewedClocks } from '../domain/clock-skew.ts';
import { shortReason } from '../domain/conditions/poller-record.ts';
import { messageOf } from '../domain/message-of.ts';
import { redact } from '../domain/redact.ts';
import { withBilledStates } from '../domain/usage/billing.ts';
import type { Progress } from '../vendors/driver.ts';
import { runWith } from '../vendors/under-way.ts';
import { onlyUnderWay } from './attempt.ts';
import { skewedClocks } from './clocks.ts';
import { backstopMs, type StepMemory, type WhatWasSeen } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { asFailure, isCounted, notYet, type RetryPolicy } from './failures.ts';
import { beatOnce, withHeartbeat } from './heartbeat.ts';

/** What one attempt passes to the next, in the heartbeat details: Temporal's own count of attempts includes waiting. */
interface Memory extends StepMemory {
  /** The attempt that wrote this; a gap means that an attempt died before it could. */
  attempt: number;
  /** Errors in a row, waits not counted. */
  errors: number;
  /** Errors whose tries are counted; absent in what a version before wrote. */
  triesUsed?: number;
  /** When the first of the errors in a row came, epoch milliseconds; absent while there is none. */
  failingSince?: number;
  /** The last of them, of a look. */
  failing?: string;
  /** True when some attempt may have changed something at the vendor. */
  mayHaveMade: boolean;
}

/** Where nothing was made, a later attempt decides anew where. */
const kept = ({ place, id, dropping, ...seen }: StepMemory, mayHaveMade: boolean): StepMemory => ({
  ...(mayHaveMade && { place, id, dropping }),
  ...seen,
});

function recall(): { before: Omit<Memory, keyof StepMemory>; remembered: StepMemory } {
  const { attempt, heartbeatDetails } = activityInfo();
  const last = heartbeatDetails as Memory | undefined;
  const none = { attempt: attempt - 1, errors: 0, mayHaveMade: attempt > 1 };
  if (attempt === 1 || !last) return { before: none, remembered: {} };
  // Heartbeats hold more than a step remembers.
  const { place, id, dropping, preflight, billing, clocks, ...own } = last;
  const remembered = { place, id, dropping, preflight, billing, clocks };
  if (own.attempt !== attempt - 1) return { before: none, remembered };
  return { before: own, remembered: kept(remembered, own.mayHaveMade) };
}

/** Since when the looks before this attempt failed, and why the last one did; undefined where it did not. */
export function failedBefore(): { since: number; why: string } | undefined {
  const { failingSince: since, failing: why } = recall().before;
  return since === undefined || why === undefined ? undefined : { since, why };
}

/** What a step made, and what its attempts saw besides. */
export interface Done<T> {
  value: T;
  seen?: WhatWasSeen;
}

/**
 * Runs one attempt of a step. An error becomes a failure that Temporal retries by the policy; a step that is not done yet
 * becomes a BENIGN retry with its reason. `work` gets what the attempts before it remember, and adds to it; what it saves is
 * remembered also where this attempt dies. `beside` is what the heartbeats hold besides.
 */
export async function runUntilDone<T>(
  deps: ActivityDeps,
  policy: RetryPolicy,
  work: (remembered: StepMemory, save: () => void) => Promise<Progress<T>>,
  beside: () => object = () => ({}),
): Promise<Done<T>> {
  const { before, remembered } = recall();
  const mayChange = onlyUnderWay(deps, policy);
  const counter = { count: 0, states: [], clocks: new Map<string, number>(), ...(mayChange && { mayChange }) };
  const rememberSeen = () => {
    const billing = withBilledStates(remembered.billing ?? [], counter.states);
    if (billing.length > 0) remembered.billing = billing;
    const clocks = withSkewedClocks(remembered.clocks ?? [], skewedClocks(deps.clock, counter.clocks));
    if (clocks.length > 0) remembered.clocks = clocks;
  };
  /** Passes on how the attempt went, and gives it. */
  const passOn = (errors: number, triesUsed = before.triesUsed ?? 0, failing?: string) => {
    const mayHaveMade = before.mayHaveMade || counter.count > 0;
    const failingSince = errors > 0 ? (before.failingSince ?? deps.clock.now()) : undefined;
    const own = { attempt: before.attempt + 1, errors, triesUsed, failingSince, failing, mayHaveMade };
    const ofStep = kept(remembered, mayHaveMade);
    beatOnce({ ...own, ...ofStep, ...beside() } satisfies Memory);
    return { own, ofStep };
  };
  let progress: Progress<T>;
  try {
    const soFar = () => ({ ...before, ...remembered, ...beside() });
    progress = await withHeartbeat(() => runWith({ counter }, () => work(remembered, () => beatOnce(soFar()))), soFar);
    checkSize(progress);
    if (!progress.done && progress.made !== undefined) remembered.id = progress.made;
    rememberSeen();
    // What is done needs no heartbeat: its result says it. An attempt whose result is lost is taken for one that may have made
    // something, like one that died. A look keeps nothing.
    if (!progress.done && policy !== 'watching') passOn(0);
  } catch (error) {
    rememberSeen();
    const used = (before.triesUsed ?? 0) + (isCounted(error, policy) ? 1 : 0);
    const failing = policy === 'watching' ? shortReason(redact(messageOf(error), deps.secrets())) : undefined;
    const { own, ofStep } = passOn(before.errors + 1, used, failing);
    throw asFailure(error, {
      policy,
      errorsInARow: own.errors,
      triesUsed: own.triesUsed,
      nothingMade: !own.mayHaveMade,
      remembered: ofStep,
      timeScale: deps.timeScale,
      secrets: deps.secrets(),
      msLeft: msLeft(deps),
      skewText: deps.clock.skewText,
    });
  }
  const { billing, clocks } = remembered;
  if (progress.done)
    return {
      value: progress.value,
      ...((billing || clocks) && { seen: { ...(billing && { billing }), ...(clocks && { clocks }) } }),
    };
  throw notYet(progress.waitingFor, progress.retryAfterMs, deps.timeScale, msLeft(deps));
}

/** Bytes; Temporal refuses a result of 2 MB, and the step would be tried again and again without a reason. */
const largestResult = 256 * 1024;

/** @throws Error where a vendor's answer would not fit into the history */
function checkSize(progress: Progress<unknown>): void {
  const bytes = Buffer.byteLength(JSON.stringify(progress));
  if (bytes > largestResult)
    throw new Error(
      `the vendor's answer is too large for the event: ${bytes} bytes, at most ${largestResult} are kept`,
    );
}

/** Like `runUntilDone`, for one call that is done when it returns. */
export async function runDriverStep<T>(
  deps: ActivityDeps,
  policy: RetryPolicy,
  work: () => Promise<T>,
  beside?: () => object,
): Promise<T> {
  const { value } = await runUntilDone(deps, policy, async () => ({ done: true, value: await work() }), beside);
  return value;
}

/** What a step made, with what it saw, as one result. */
export const withSeen = <T extends object>({ value, seen }: Done<T>): T & WhatWasSeen => ({ ...value, ...seen });

/** Milliseconds until the workflow's deadline for this activity; Infinity without a deadline. */
export function msLeft({ clock }: ActivityDeps): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  if (!scheduleToCloseTimeoutMs) return Number.POSITIVE_INFINITY;
  return scheduledTimestampMs + scheduleToCloseTimeoutMs - backstopMs - clock.now();
}
