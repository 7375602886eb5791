import { activityInfo, heartbeat } from '@temporalio/activity';
import type { Preflight } from '../domain/preflight.ts';
import { type BilledState, withBilledStates } from '../domain/usage/billing.ts';
import { type MutationCounter, mutationCounters } from '../vendors/call.ts';
import type { Progress } from '../vendors/driver.ts';
import { backstopMs, type WithBilling } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { asFailure, isCounted, notYet, type RetryPolicy } from './failures.ts';
import { withHeartbeat } from './heartbeat.ts';

/** What one attempt passes to the next, in the heartbeat details: Temporal's own count of attempts includes waiting. */
interface Memory {
  /** The attempt that wrote this; a gap means that an attempt died before it could. */
  attempt: number;
  /** Errors in a row, waits not counted. */
  errors: number;
  /** Errors whose tries are counted; absent in what a version before wrote. */
  triesUsed?: number;
  /** When the first of the errors in a row came, epoch milliseconds; absent while there is none. */
  failingSince?: number;
  /** True when some attempt may have changed something at the vendor. */
  mayHaveMade: boolean;
  /** Where that was, and the vendor's id of it. */
  place?: string;
  id?: string;
  /** What the look before the step found. */
  preflight?: Preflight;
  /** The states that cost which the attempts saw. */
  billing?: BilledState[];
}

/** What a step makes and where: an earlier attempt may have begun, and then it must not be made again. */
export type Making = Pick<Memory, 'place' | 'id' | 'preflight' | 'billing'>;

/** Where nothing was made, a later attempt decides anew where. */
const kept = ({ preflight, billing: _, ...made }: Making, mayHaveMade: boolean): Making => ({
  ...(mayHaveMade && made),
  ...(preflight && { preflight }),
});

function recall(): Memory {
  const { attempt, heartbeatDetails } = activityInfo();
  const last = heartbeatDetails as Memory | undefined;
  if (attempt === 1) return { attempt: 0, errors: 0, mayHaveMade: false };
  if (last?.attempt === attempt - 1) return last;
  return {
    attempt: attempt - 1,
    errors: 0,
    mayHaveMade: true,
    place: last?.place,
    id: last?.id,
    preflight: last?.preflight,
    billing: last?.billing,
  };
}

/**
 * Runs one attempt of a step. An error becomes a failure that Temporal retries by the policy; a step that is not done yet
 * becomes a BENIGN retry with its reason. `beside` is what its heartbeats hold besides.
 */
export async function runUntilDone<T>(
  deps: ActivityDeps,
  policy: RetryPolicy,
  work: (making: Making) => Promise<Progress<T>>,
  beside: () => object = () => ({}),
): Promise<T> {
  const before = recall();
  const making: Making = {
    ...(before.mayHaveMade && { place: before.place, id: before.id }),
    ...(before.preflight && { preflight: before.preflight }),
  };
  const counter: MutationCounter = { count: 0, states: [] };
  const memoryOf = (errors: number, triesUsed = before.triesUsed ?? 0): Memory & { triesUsed: number } => {
    const mayHaveMade = before.mayHaveMade || counter.count > 0;
    const billing = withBilledStates(before.billing ?? [], counter.states ?? []);
    if (billing.length > 0) making.billing = billing;
    const seen = billing.length > 0 && { billing };
    return {
      attempt: before.attempt + 1,
      errors,
      triesUsed,
      ...(errors > 0 && { failingSince: before.failingSince ?? deps.clock.now() }),
      mayHaveMade,
      ...kept(making, mayHaveMade),
      ...seen,
    };
  };
  let progress: Progress<T>;
  try {
    progress = await withHeartbeat(
      () => mutationCounters.run(counter, () => work(making)),
      () => ({ ...before, ...making, ...beside() }),
    );
    if (!progress.done && progress.made !== undefined) making.id = progress.made;
    // What is done needs no heartbeat: its result says it. An attempt whose result is lost is taken for one that may have made
    // something, like one that died. A look keeps nothing.
    const memory = memoryOf(0);
    if (!progress.done && policy !== 'watching') heartbeat({ ...memory, ...beside() });
  } catch (error) {
    const used = (before.triesUsed ?? 0) + (isCounted(error, policy) ? 1 : 0);
    const memory = memoryOf(before.errors + 1, used);
    heartbeat({ ...memory, ...beside() });
    const { errors, triesUsed, mayHaveMade, place, billing } = memory;
    throw asFailure(error, {
      policy,
      errorsInARow: errors,
      triesUsed,
      nothingMade: !mayHaveMade,
      ...(place !== undefined && { place }),
      ...(making.preflight && { preflight: making.preflight }),
      ...(billing && { billing }),
      timeScale: deps.timeScale,
      secrets: deps.secrets(),
      msLeft: msLeft(deps),
      skewText: deps.clock.skewText,
    });
  }
  if (progress.done) return progress.value;
  throw notYet(progress.waitingFor, progress.retryAfterMs, deps.timeScale, msLeft(deps));
}

/** The same, with the states that cost which its attempts saw. */
export async function runBilled<T>(
  deps: ActivityDeps,
  policy: RetryPolicy,
  work: (making: Making) => Promise<Progress<T>>,
): Promise<{ value: T } & WithBilling> {
  let made: Making = {};
  const value = await runUntilDone(deps, policy, (making) => {
    made = making;
    return work(making);
  });
  return { value, ...(made.billing && { billing: made.billing }) };
}

/** Like `runUntilDone`, for one call that is done when it returns. */
export const runDriverStep = <T>(
  deps: ActivityDeps,
  policy: RetryPolicy,
  work: () => Promise<T>,
  beside?: () => object,
): Promise<T> => runUntilDone(deps, policy, async () => ({ done: true, value: await work() }), beside);

/** Milliseconds until the workflow's deadline for this activity; Infinity without a deadline. */
export function msLeft({ clock }: ActivityDeps): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  if (!scheduleToCloseTimeoutMs) return Number.POSITIVE_INFINITY;
  return scheduledTimestampMs + scheduleToCloseTimeoutMs - backstopMs - clock.now();
}
