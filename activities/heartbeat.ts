import { Context } from '@temporalio/activity';

/** Two of these fit in the heartbeat timeout of a step. Each is a write of the server: a thousand attempts wait at a full hour. */
const intervalMs = 5_000;

/** By attempt: the details of its newest heartbeat. */
const newest = new WeakMap<Context, unknown>();

/**
 * Until an attempt has written details of its own they are those with which it began: if it dies now, the next attempt must not take
 * them for what it wrote at its end.
 */
const detailsSoFar = (attempt: Context): unknown =>
  newest.has(attempt) ? newest.get(attempt) : attempt.info.heartbeatDetails;

function beat(attempt: Context, details: unknown): void {
  newest.set(attempt, details);
  attempt.heartbeat(details);
}

/** Heartbeats while the work runs. Default of the details: the attempt's so far. */
export async function withHeartbeat<T>(work: () => Promise<T>, details?: () => unknown): Promise<T> {
  const attempt = Context.current();
  // A local attempt has no heartbeat.
  if (attempt.info.isLocal) return work();
  const beats = setInterval(() => beat(attempt, details ? details() : detailsSoFar(attempt)), intervalMs);
  try {
    return await work();
  } finally {
    clearInterval(beats);
  }
}

/** One heartbeat now: what comes next may take as long as one may be away, or must be known after a death. */
export function beatOnce(details?: unknown): void {
  const attempt = Context.current();
  beat(attempt, details ?? detailsSoFar(attempt));
}
