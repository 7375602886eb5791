import type { Channel } from '../channel.ts';
import type { EventStatus, LegStatus } from '../report.ts';

/** A channel that an encoder can send to, and its leg where the event has several. */
export interface LegChannel {
  leg?: string;
  channel: Channel;
  /** Its vendor fetches the picture itself. */
  pulls?: boolean;
}

/** What nothing was given of, and why: a leg, or the event where it has none. */
export interface Missing {
  leg?: string;
  reason: string;
}

/** The channels of an event: one, or one for each leg that has one still. */
export function channelsOf({ channel, plan, legs }: EventStatus): LegChannel[] {
  if (!legs) return channel ? [{ channel, ...pullsOf(plan) }] : [];
  return legs.flatMap((leg) => {
    const { name, status } = leg;
    return status?.channel && whyNoChannel(leg) === undefined
      ? [{ leg: name, channel: status.channel, ...pullsOf(status.plan) }]
      : [];
  });
}

const pullsOf = (plan: EventStatus['plan']): Pick<LegChannel, 'pulls'> =>
  plan?.sources?.length ? { pulls: true } : {};

function whyNoChannel({ begunAt, endedAt, lost, status }: LegStatus): string | undefined {
  if (endedAt !== undefined) return lost === undefined ? 'it is over' : `it is over: ${lost}`;
  if (status?.stoppedAt !== undefined) return 'it was stopped';
  if (status?.channel) return undefined;
  if (begunAt === undefined) return 'it is held back until another leg fails';
  return `it has no channel yet, ${status ? `in the phase ${status.phase}` : 'and has not reported its phase'}`;
}

/**
 * What is asked of each channel, with the name of its leg, and why others have none. A leg that fails keeps nothing from the
 * others, which must be usable without it. @throws the first failure when all fail
 */
export async function ofEachLeg<T extends object>(
  status: EventStatus,
  ask: (channel: Channel) => Promise<T[]>,
  reasonOf: (failure: Error) => string,
): Promise<{ given: (T & { leg?: string })[]; missing: Missing[] }> {
  const channels = channelsOf(status);
  const answers = await Promise.allSettled(channels.map(({ channel }) => ask(channel)));
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
  if (failures.length > 0 && failures.length === answers.length) throw failures[0];
  const given: (T & { leg?: string })[] = [];
  const missing: Missing[] = [];
  for (const [at, { leg, channel, pulls }] of channels.entries()) {
    const answer = answers[at];
    const of = leg === undefined ? {} : { leg };
    if (answer?.status === 'rejected') missing.push({ ...of, reason: reasonOf(answer.reason as Error) });
    else if (answer?.value.length) given.push(...answer.value.map((one) => ({ ...of, ...one })));
    else missing.push({ ...of, reason: whyNothing(channel, pulls) });
  }
  const without = (status.legs ?? []).flatMap((leg) => {
    const reason = whyNoChannel(leg);
    return reason === undefined ? [] : [{ leg: leg.name, reason }];
  });
  return { given, missing: [...missing, ...without] };
}

const whyNothing = ({ ref }: Channel, pulls = false): string =>
  pulls
    ? 'its vendor pulls from the sources of the plan: no encoder sends to it'
    : `${ref.vendor} gives no address now; ask again once the channel is open`;
