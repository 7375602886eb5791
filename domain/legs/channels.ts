import type { Channel } from '../channel.ts';
import type { EventStatus } from '../report.ts';

/** A channel that an encoder can send to, and its leg where the event has several. */
export interface LegChannel {
  leg?: string;
  channel: Channel;
}

/** The channels of an event: one, or one for each leg that has one still. */
export function channelsOf({ channel, legs }: EventStatus): LegChannel[] {
  if (!legs) return channel ? [{ channel }] : [];
  return legs.flatMap(({ name, endedAt, status }) =>
    status?.channel && endedAt === undefined && status.stoppedAt === undefined
      ? [{ leg: name, channel: status.channel }]
      : [],
  );
}

/**
 * What is asked of each channel, with the name of its leg. A leg that fails is left out, because the others must be usable
 * without it. @throws the first failure when all fail
 */
export async function ofEachLeg<T extends object>(
  channels: readonly LegChannel[],
  ask: (channel: Channel) => Promise<T[]>,
): Promise<(T & { leg?: string })[]> {
  const answers = await Promise.allSettled(channels.map(({ channel }) => ask(channel)));
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
  if (failures.length > 0 && failures.length === answers.length) throw failures[0];
  return answers.flatMap((answer, at) => {
    const leg = channels[at]?.leg;
    if (answer.status === 'rejected') return [];
    return answer.value.map((one) => (leg === undefined ? one : { leg, ...one }));
  });
}
