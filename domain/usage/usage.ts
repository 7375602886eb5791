import type { Session } from '../channel.ts';
import { isOver } from '../phases.ts';
import type { EventStatus } from '../report.ts';
import { merged } from '../spans.ts';
import type { Bill, BilledState } from './billing.ts';

/** A span in which something of an event was billed. Epoch milliseconds. */
export interface UsageSpan {
  resource: string;
  name: string;
  state: Bill['state'];
  /** The value of the vendor option that decides the price. */
  class?: string;
  from: number;
  /** Where it goes on, the instant of the question. */
  to: number;
  goesOn?: boolean;
}

export interface Usage {
  spans: UsageSpan[];
  /** What cannot be seen, each with its reason. */
  unknown: string[];
}

/** What an event's status lacks when its run was terminated or its clean-up abandoned: what the sweep saw. */
export interface ReleasedUsage {
  /** What was released: vendor, account and key. Absent in records of earlier versions. */
  channel?: string;
  at: number;
  states: BilledState[];
  /** The vendor's own record of what was sent; empty where it keeps none, or could not be asked. */
  sessions: Session[];
}

/** The part of a status that usage is derived from. */
export type Billed = Pick<
  EventStatus,
  | 'channel'
  | 'encoder'
  | 'plan'
  | 'windows'
  | 'sessions'
  | 'entered'
  | 'stoppedAt'
  | 'released'
  | 'left'
  | 'billing'
  | 'phase'
>;

/** What was billed of an event up to `now`, of what its run has seen. */
export function usageOf(status: Billed, bills: readonly Bill[], now: number, swept?: ReleasedUsage): Usage {
  const spans: UsageSpan[] = [];
  const unknown: string[] = [];
  for (const bill of bills) {
    const found = bill.state === 'input' ? inputOf(status, now, swept) : stateOf(status, bill, now, swept);
    const classOf = bill.classOption === undefined ? undefined : status.plan?.vendorOptions[bill.classOption];
    for (const span of found.spans) {
      spans.push({
        ...span,
        resource: bill.resource,
        state: bill.state,
        ...(typeof classOf === 'string' && { class: classOf }),
      });
    }
    unknown.push(...found.unknown.map((why) => `${bill.resource}, ${bill.state}: ${why}`));
    if (bill.unseen !== undefined && found.spans.length > 0) unknown.push(`${bill.resource}: ${bill.unseen}`);
  }
  return { spans, unknown };
}

interface FoundSpans {
  spans: Omit<UsageSpan, 'resource' | 'state'>[];
  unknown: string[];
}

/** By the vendor's sessions where it has them; by what was seen of the encoder where not. */
function inputOf(status: Billed, now: number, swept?: ReleasedUsage): FoundSpans {
  const { channel, stoppedAt, encoder } = status;
  if (!channel) return { spans: [], unknown: [] };
  const end = swept?.at ?? stoppedAt ?? now;
  const isClosed = stoppedAt !== undefined || swept !== undefined;
  const known = swept && swept.sessions.length > 0 ? swept.sessions : status.sessions;
  const bySessions = known.map(({ startedAt, endedAt }) => ({ from: startedAt, to: endedAt ?? end }));
  const oldest = Math.min(...bySessions.map(({ from }) => from));
  const isConnected = stoppedAt === undefined && (encoder === 'connected' || encoder === 'starved');
  const windows = status.windows.map(({ from, to }, at, all) => ({
    from,
    to: isConnected && at === all.length - 1 ? end : to,
  }));
  // A vendor that forgets keeps the newest: what was seen before them happened all the same.
  const seen = windows.flatMap(({ from, to }) => {
    if (!bySessions.some((session) => session.from < to && from < session.to + wholeSecondMs)) return [{ from, to }];
    return from < oldest - forgottenMs ? [{ from, to: oldest }] : [];
  });
  const spans = merged([...bySessions, ...seen]).map((span) => ({
    ...span,
    name: channel.ref.name,
    ...(!isClosed && span.to >= end && { goesOn: true }),
  }));
  return { spans, unknown: whyUnsure(status, swept) };
}

function whyUnsure({ stoppedAt, sessions, windows, left, phase }: Billed, swept?: ReleasedUsage): string[] {
  if (swept) return swept.sessions.length > 0 || windows.length === 0 ? [] : [noSessions];
  if (left) return ['the clean-up was abandoned: whether an encoder sent afterwards is not seen'];
  if (stoppedAt === undefined && isOver(phase))
    return ['the run was cut off, and nothing has released the channel yet'];
  return stoppedAt === undefined || sessions.length > 0 || windows.length === 0 ? [] : [noSessions];
}

const noSessions = 'the vendor has no record of the sessions: from what the run saw of the encoder, to some seconds';

const forgottenMs = 10_000;
/** A record in whole seconds ends so much later at most, and may have no length. */
const wholeSecondMs = 1_000;

/** By the states of the resource's states. */
function stateOf(status: Billed, bill: Bill, now: number, swept?: ReleasedUsage): FoundSpans {
  const states = [...(status.billing ?? []), ...(swept?.states ?? [])].filter(
    ({ resource }) => resource === bill.resource,
  );
  const names = [...new Set(states.map(({ name }) => name))];
  const found: FoundSpans = { spans: [], unknown: [] };
  for (const name of names) {
    const own = states.filter((seen) => seen.name === name).sort((a, b) => a.at - b.at);
    let open: BilledState | undefined;
    for (const seen of own) {
      if (open && seen.state !== open.state) {
        if (open.state === bill.state && open.at < seen.at) found.spans.push({ name, from: open.at, to: seen.at });
        open = undefined;
      }
      if (!open && seen.state !== 'off') open = seen;
    }
    if (open?.state !== bill.state) continue;
    const end = bill.goesOn ? undefined : (swept?.at ?? (status.released ? status.stoppedAt : undefined));
    found.spans.push({
      name,
      from: open.at,
      to: Math.max(open.at, end ?? now),
      ...(end === undefined && { goesOn: true }),
    });
    if (bill.goesOn) found.unknown.push(`${name} goes on, for all events of the account, until it is stopped by hand`);
    else if (end !== undefined) found.unknown.push(`when ${name} ended is not seen: not later than it was found gone`);
    else if (status.left) found.unknown.push(`${name} was handed over: whether it still costs is not seen`);
  }
  return found.spans.length === 0 && names.length === 0 ? undated(status, bill, now) : found;
}

/** A service that does not date its states: from when it was asked to start until it was seen to be stopped. */
function undated({ entered, channel, stoppedAt }: Billed, bill: Bill, now: number): FoundSpans {
  const from = entered.starting;
  if (bill.state !== 'running' || bill.goesOn || bill.optional || !channel || from === undefined)
    return { spans: [], unknown: [] };
  const to = stoppedAt ?? now;
  const why = 'the service does not date its states: from when it was asked to start until it was seen stopped';
  return {
    spans: [{ name: channel.ref.name, from, to, ...(stoppedAt === undefined && { goesOn: true }) }],
    unknown: [why],
  };
}
