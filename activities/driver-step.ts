import { activityInfo, heartbeat } from '@temporalio/activity';
import { type Ledger, withLedger } from '../vendors/call.ts';
import type { Progress } from '../vendors/driver.ts';
import { backstopMs } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { asFailure, notYet, type Patience } from './failures.ts';
import { whileAlive } from './heartbeat.ts';

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

/** Runs one step of a driver: counts what it may have changed, and types its failure. */
export async function step<T>(deps: ActivityDeps, patience: Patience, work: () => Promise<T>): Promise<T> {
  const before = recall();
  const ledger: Ledger = { mutations: 0 };
  const remember = (errors: number): Memory => {
    const memory = {
      attempt: before.attempt + 1,
      errors,
      mayHaveMade: before.mayHaveMade || ledger.mutations > 0,
    };
    heartbeat(memory);
    return memory;
  };
  try {
    const value = await whileAlive(() => withLedger(ledger, work));
    // While watching, a look that went well need not cost the server a heartbeat.
    if (patience !== 'watching') remember(0);
    return value;
  } catch (error) {
    const { errors, mayHaveMade } = remember(before.errors + 1);
    throw asFailure(error, {
      patience,
      errorsInARow: errors,
      nothingMade: !mayHaveMade,
      pace: deps.pace,
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
export async function goal<T>(deps: ActivityDeps, patience: Patience, work: () => Promise<Progress<T>>): Promise<T> {
  const progress = await step(deps, patience, work);
  if (progress.done) return progress.value;
  throw notYet(progress.waitingFor, progress.retryAfterMs, deps.pace, msLeft());
}
