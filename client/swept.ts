import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { placedKeyOf } from '../domain/channel.ts';
import { eventKeyOf, legKeyOf, releasedIdOf } from '../domain/ids.ts';
import { hasEnded } from '../domain/legs/leg.ts';
import { isOver } from '../domain/phases.ts';
import type { EventStatus, LegStatus } from '../domain/report.ts';
import type { ReleasedUsage } from '../domain/usage/usage.ts';

/** What the sweep released of a run that did not; undefined where it has not, or what it released was another run's. */
export async function sweptOf(
  temporal: Client,
  key: string,
  { channel, entered }: EventStatus,
): Promise<ReleasedUsage | undefined> {
  const swept = await releasedOf(temporal, key);
  // There is one record for all runs of an event: an older one is of an earlier run, and so is one of another channel.
  const isOther = swept?.channel !== undefined && channel !== undefined && swept.channel !== placedKeyOf(channel.ref);
  return swept && !isOther && swept.at >= (entered.allocating ?? 0) ? swept : undefined;
}

/** A run that is over can keep nothing: what the sweep released of it, or of a leg of it, since then is seen here. */
export async function withSwept(temporal: Client, workflowId: string, status: EventStatus): Promise<EventStatus> {
  const key = eventKeyOf(workflowId);
  if (key === undefined || status.released) return status;
  if (!status.legs) return isOver(status.phase) ? asSwept(temporal, key, status) : status;
  const legs = await Promise.all(
    status.legs.map(async (leg): Promise<LegStatus> => {
      if (!leg.status || leg.status.released || !hasEnded(leg)) return leg;
      return { ...leg, status: await asSwept(temporal, legKeyOf(key, leg.name), leg.status) };
    }),
  );
  return { ...status, legs, released: legs.every((leg) => leg.status?.released ?? leg.earlierSince === undefined) };
}

async function asSwept(temporal: Client, key: string, status: EventStatus): Promise<EventStatus> {
  // A run that made nothing may leave what an earlier one made, and the record may be of a sweep before that.
  const swept = status.entered.allocating === undefined ? undefined : await sweptOf(temporal, key, status);
  return swept ? { ...status, released: true, sweptAt: swept.at } : status;
}

/** What the sweep released of an event whose run did not; undefined where it has not. */
async function releasedOf(temporal: Client, key: string): Promise<ReleasedUsage | undefined> {
  try {
    return (await temporal.workflow.getHandle(releasedIdOf(key)).result()) as ReleasedUsage;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
