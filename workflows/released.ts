import type { ReleasedUsage } from '../domain/usage/usage.ts';

/** A record under a name of its own, which is found without a search: the run of the event is over and can keep nothing. */
export async function liveEventReleased(released: ReleasedUsage): Promise<ReleasedUsage> {
  return released;
}
