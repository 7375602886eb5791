import { activityInfo, heartbeat } from '@temporalio/activity';

/** Three of these fit in the heartbeat timeout of a step. */
const intervalMs = 4_000;

/**
 * Heartbeats while the work runs. Unless the work has more to keep, the details stay those with which the attempt began: if
 * it dies now, the next attempt must not take them for what it wrote at its end.
 */
export async function withHeartbeat<T>(
  work: () => Promise<T>,
  details: () => unknown = () => activityInfo().heartbeatDetails,
): Promise<T> {
  // A local attempt has no heartbeat.
  if (activityInfo().isLocal) return work();
  const beats = setInterval(() => heartbeat(details()), intervalMs);
  try {
    return await work();
  } finally {
    clearInterval(beats);
  }
}
