import type { LiveWindow } from './channel.ts';
import type { Condition } from './conditions/condition.ts';
import type { EventStatus } from './report.ts';

type Connection = Partial<Pick<EventStatus, 'windows' | 'phase' | 'encoder' | 'stoppedAt'>>;

/** Since when what is shown is not seen any more; undefined while it is. */
export const staleSince = (conditions: readonly Condition[] | undefined): number | undefined =>
  conditions?.find(({ name }) => name === 'stale')?.since;

/** Whether the encoder is connected, as it was last seen. */
export const isConnected = ({ phase, encoder, stoppedAt }: Connection): boolean =>
  phase === 'live' && encoder !== 'lost' && stoppedAt === undefined;

/**
 * When the encoder was connected. The run moves the end of a connection that goes on only when it looks, so that one reaches
 * to the instant at which it was last seen: now, or since when the event is stale.
 */
export const windowsSeen = (status: Connection, seenUntil: number): LiveWindow[] => {
  const { windows = [] } = status;
  const goesOn = isConnected(status);
  return windows.map((one, at) =>
    goesOn && at === windows.length - 1 ? { ...one, to: Math.max(one.to, seenUntil) } : one,
  );
};
