import { activityInfo, heartbeat } from '@temporalio/activity';

/** Three of these fit in the heartbeat timeout of a step. */
const beatMs = 4_000;

/**
 * Lets Temporal know that this attempt lives, for as long as it does. The details are those the attempt began with:
 * should it die now, the next attempt must not take them for its last words.
 */
export async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const { heartbeatDetails } = activityInfo();
  const beats = setInterval(() => heartbeat(heartbeatDetails), beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beats);
  }
}
