import type { LiveWindow, Output, Session } from './channel.ts';
import type { EncoderChange } from './presence.ts';
import type { Gap } from './report.ts';
import { inside, merged } from './spans.ts';

/** Windows nearer than this are one: vendors round their instants to the second. */
const mergeWithinMs = 1_000;
/** How far the vendor's clock and ours may be apart before we believe that the vendor has forgotten something. */
const clockSkewMs = 10_000;

/** The encoder's spans as far as they were observed; the last one may still be open. Epoch milliseconds. */
export interface EncoderSeen {
  closed: LiveWindow[];
  openSince?: number;
}

export const nothingSeen: EncoderSeen = { closed: [] };

/** The windows after one more change. A starved encoder still has its session, so its window stays open. */
export function afterChange(seen: EncoderSeen, change: EncoderChange): EncoderSeen {
  const began = Math.min(change.since ?? change.at, change.at);
  switch (change.kind) {
    case 'connected':
      return seen.openSince === undefined ? { ...seen, openSince: began } : seen;
    case 'lost':
      return close(seen, change.at);
    case 'reconnected':
      return { ...close(seen, began), openSince: began };
    case 'starved':
    case 'recovered':
      return seen;
  }
}

function close({ closed, openSince }: EncoderSeen, at: number): EncoderSeen {
  return openSince !== undefined && openSince < at ? { closed: [...closed, { from: openSince, to: at }] } : { closed };
}

/** The observed windows inside `span`, sorted and disjoint; an open one reaches to the end of `span`. */
export function windowsOf(seen: EncoderSeen, span: LiveWindow): LiveWindow[] {
  const open = seen.openSince === undefined ? [] : [{ from: seen.openSince, to: Math.max(seen.openSince, span.to) }];
  return tidy([...seen.closed, ...open], span);
}

/**
 * The observed windows corrected by the vendor's own sessions, inside `span` (from the opening to the stop). Where both
 * have the same window the vendor's instants are taken, because we only look now and then; a session that was not observed
 * is added, and a window the vendor does not mention stays. A session without an end ends with `span`.
 */
export function withSessions(
  observed: readonly LiveWindow[],
  sessions: readonly Session[],
  span: LiveWindow,
): LiveWindow[] {
  const reported = tidy(
    sessions.map(({ startedAt, endedAt }) => ({ from: startedAt, to: endedAt ?? span.to })),
    span,
  );
  const kept = tidy(observed, span).flatMap((window) => {
    const [oldest] = reported;
    if (!oldest || !reported.some((session) => overlap(session, window))) return [window];
    // Vendors remember only the latest sessions (OSS: ten); what we saw before their memory begins still happened.
    return oldest.from - window.from > clockSkewMs ? [{ from: window.from, to: oldest.from }] : [];
  });
  return tidy([...reported, ...kept], span);
}

/** What of a report says what its recording should hold. */
interface Recorded {
  windows: LiveWindow[];
  output: Output;
  entered: { starting?: number };
  stoppedAt: number;
}

/** What the recording is held against: what was sent; where nothing was seen to be, all that may have been, up to the stop. */
export function spansToProve({ windows, output, entered, stoppedAt }: Recorded): LiveWindow[] {
  if (windows.length > 0) return windows;
  return [{ from: Math.min(stoppedAt, Math.max(entered.starting ?? 0, output.recordsSince ?? 0)), to: stoppedAt }];
}

/** The holes between windows that are sorted and disjoint. */
export function gapsOf(windows: readonly LiveWindow[]): Gap[] {
  return windows.slice(1).flatMap((next, i) => {
    const before = windows[i];
    return before && before.to < next.from ? [{ from: before.to, to: next.from }] : [];
  });
}

/** How the show ended, as far as the encoder is concerned. */
export interface ShowEnd {
  /** When the stop began, epoch milliseconds. */
  endedAt: number;
  /** The run knew that the encoder was away. */
  wasLost: boolean;
}

/** The loss that lasted to the end of the show; undefined when the encoder sent to the end. */
export function lossAtEnd(windows: readonly LiveWindow[], { endedAt, wasLost }: ShowEnd): Gap | undefined {
  const last = windows.at(-1);
  if (!last) return undefined;
  // A loss in the last seconds may not have been seen; a stop may end the last session a little early.
  const isLoss = endedAt - last.to > (wasLost ? 0 : clockSkewMs);
  return isLoss ? { from: last.to, to: endedAt } : undefined;
}

const overlap = (a: LiveWindow, b: LiveWindow): boolean => a.from < b.to && b.from < a.to;

const tidy = (windows: readonly LiveWindow[], span: LiveWindow): LiveWindow[] =>
  merged(inside(windows, span), mergeWithinMs);
