import { activityInfo, heartbeat } from '@temporalio/activity';
import { countMutations, type MutationCounter } from '../vendors/call.ts';
import type { Progress } from '../vendors/driver.ts';
import { backstopMs } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { asFailure, notYet, type RetryPolicy } from './failures.ts';
import { withHeartbeat } from './heartbeat.ts';

/** What one attempt leaves to the next, in the heartbeat details: waiting also counts as attempts for Temporal. */
interface Memory {
  /** The attempt that wrote this; a gap means an attempt died without a word. */
  attempt: number;
  /** Errors in a row, waits not counted. */
  errors: number;
  /** True when some attempt may have changed something at the vendor. */
  mayHaveMade: boolean;
}

function recall(): Memory {
  const { attempt, heartbeatDetails } = activityInfo();
  const last = heartbeatDetails as Memory | undefined;
  if (attempt === 1) return { attempt: 0, errors: 0, mayHaveMade: false };
  if (last?.attempt === attempt - 1) return last;
  return { attempt: attempt - 1, errors: 0, mayHaveMade: true };
}

/** Runs one driver call with a heartbeat, counts its mutations, and types its failure. */
export async function runDriverStep<T>(deps: ActivityDeps, policy: RetryPolicy, work: () => Promise<T>): Promise<T> {
  const before = recall();
  const mutationCounter: MutationCounter = { count: 0 };
  const remember = (errors: number): Memory => {
    const memory = {
      attempt: before.attempt + 1,
      errors,
      mayHaveMade: before.mayHaveMade || mutationCounter.count > 0,
    };
    heartbeat(memory);
    return memory;
  };
  try {
    const value = await withHeartbeat(() => countMutations(mutationCounter, work));
    // While watching, a look that went well need not cost the server a heartbeat.
    if (policy !== 'watching') remember(0);
    return value;
  } catch (error) {
    const { errors, mayHaveMade } = remember(before.errors + 1);
    throw asFailure(error, {
      policy,
      errorsInARow: errors,
      nothingMade: !mayHaveMade,
      timeScale: deps.timeScale,
      secrets: deps.secrets(),
      msLeft: msLeft(),
    });
  }
}

/** Until the workflow's deadline for this activity; Infinity where it has none. */
export function msLeft(): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  if (!scheduleToCloseTimeoutMs) return Number.POSITIVE_INFINITY;
  return scheduledTimestampMs + scheduleToCloseTimeoutMs - backstopMs - Date.now();
}

/** Like `step`, for goals that take a while: not reached yet becomes a BENIGN retry with its reason. */
export async function runUntilDone<T>(
  deps: ActivityDeps,
  policy: RetryPolicy,
  work: () => Promise<Progress<T>>,
): Promise<T> {
  const progress = await runDriverStep(deps, policy, work);
  if (progress.done) return progress.value;
  throw notYet(progress.waitingFor, progress.retryAfterMs, deps.timeScale, msLeft());
}
