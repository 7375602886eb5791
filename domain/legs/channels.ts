import type { Channel } from '../channel.ts';
import { isBeforeStop } from '../phases.ts';
import type { EventStatus, LegStatus } from '../report.ts';
import { openText } from '../timeline.ts';

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

/** The channels of an event to which an encoder can send: one, or one for each leg that has one still. */
export function channelsOf(event: EventStatus): LegChannel[] {
  const { channel, plan, legs } = event;
  if (!legs) return channel && event.stoppedAt === undefined ? [{ channel, ...pullsOf(plan) }] : [];
  return legs.flatMap((leg) => {
    const { name, status } = leg;
    return status?.channel && whyNoChannel(leg, event) === undefined
      ? [{ leg: name, channel: status.channel, ...pullsOf(status.plan) }]
      : [];
  });
}

/** Why an event has no address at all, after its id in a sentence; undefined where it may have one. */
export function whyNoAddress(event: EventStatus): string | undefined {
  if (channelsOf(event).length > 0) return undefined;
  const { phase, stoppedAt, legs } = event;
  // Above its legs stands the stop of one of them, beside which another may begin.
  return isBeforeStop(phase) && (legs !== undefined || stoppedAt === undefined)
    ? `has no channel in the phase ${phase}, and so no address yet; it is ${openText(event)}`
    : `has no address in the phase ${phase}: no encoder may send`;
}

const pullsOf = (plan: EventStatus['plan']): Pick<LegChannel, 'pulls'> =>
  plan?.sources?.length ? { pulls: true } : {};

function whyNoChannel({ begunAt, endedAt, lost, status }: LegStatus, { phase }: EventStatus): string | undefined {
  if (endedAt !== undefined) return lost === undefined ? 'it is over' : `it is over: ${lost}`;
  if (status?.stoppedAt !== undefined) return 'it was stopped';
  if (status?.channel) return undefined;
  if (begunAt === undefined)
    return isBeforeStop(phase)
      ? 'it is held back until another leg fails'
      : `it has not begun, and the event is in the phase ${phase}`;
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
    const reason = whyNoChannel(leg, status);
    return reason === undefined ? [] : [{ leg: leg.name, reason }];
  });
  return { given, missing: [...missing, ...without] };
}

const whyNothing = ({ ref }: Channel, pulls = false): string =>
  pulls
    ? 'its vendor pulls from the sources of the plan: no encoder sends to it'
    : `${ref.vendor} gives no address now; ask again once the channel is open`;
