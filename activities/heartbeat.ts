import { Context } from '@temporalio/activity';

/**
 * Two of these fit in the heartbeat timeout of a step; it is longer than a tick of the poller, which sends one of its own. Each is a
 * write of the server: a thousand attempts wait at a full hour.
 */
const intervalMs = 6_000;

interface Beat {
  /** Of the monotonic clock, milliseconds. */
  at: number;
  details: unknown;
}

/** By attempt. */
const newest = new WeakMap<Context, Beat>();

/**
 * Until an attempt has written details of its own they are those with which it began: if it dies now, the next attempt must not take
 * them for what it wrote at its end. Until its first heartbeat Temporal counts from its begin.
 */
function newestOf(attempt: Context): Beat {
  const known = newest.get(attempt) ?? { at: performance.now(), details: attempt.info.heartbeatDetails };
  newest.set(attempt, known);
  return known;
}

function beat(attempt: Context, details: unknown): void {
  newest.set(attempt, { at: performance.now(), details });
  attempt.heartbeat(details);
}

/**
 * Heartbeats while the work runs, from the last one on: an attempt that does one work after the other is never silent for longer.
 * Default of the details: the attempt's so far.
 */
export async function withHeartbeat<T>(work: () => Promise<T>, details?: () => unknown): Promise<T> {
  const attempt = Context.current();
  // A local attempt has no heartbeat.
  if (attempt.info.isLocal) return work();
  let timer: NodeJS.Timeout | undefined;
  const beatWhenDue = () => {
    const { at, details: before } = newestOf(attempt);
    const leftMs = at + intervalMs - performance.now();
    if (leftMs <= 0) beat(attempt, details ? details() : before);
    timer = setTimeout(beatWhenDue, leftMs <= 0 ? intervalMs : leftMs);
  };
  beatWhenDue();
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

/** One heartbeat now: what comes next may take as long as one may be away, or must be known after a death. */
export function beatOnce(details?: unknown): void {
  const attempt = Context.current();
  beat(attempt, details ?? newestOf(attempt).details);
}
