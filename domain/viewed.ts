import type { OnAir } from './on-air.ts';
import { isClosingDown } from './phases.ts';
import type { EventStatus } from './report.ts';
import { totalMs } from './spans.ts';
import { formatDuration, formatInstant } from './time.ts';

/** What viewers get, for people, and what is known of before while it cannot be looked; undefined until it was looked. */
export function onAirText({ onAir, viewed }: Pick<EventStatus, 'onAir' | 'viewed'>): string | undefined {
  if (!onAir) return undefined;
  const latency =
    onAir.state === 'on-air' && onAir.latencyMs !== undefined ? `, ${seconds(onAir.latencyMs)} behind the encoder` : '';
  const before = onAir.state === 'unknown' ? knownBefore(onAir, viewed) : '';
  return `${onAir.state}${latency}${onAir.reason ? `: ${onAir.reason}` : ''}${before}`;
}

function knownBefore({ lostAt }: OnAir, viewed: EventStatus['viewed']): string {
  if (lostAt !== undefined) return `; viewers got nothing new since ${formatInstant(lostAt)}`;
  const last = viewed?.at(-1);
  return last ? `; viewers got the picture until ${formatInstant(last.to)}` : '';
}

/** From the cue, or from the encoder's connection where that came later, to the first segment a viewer could get. */
export function firstSegmentMs({ onAir, startsAt, windows }: Pick<EventStatus, 'onAir' | 'startsAt' | 'windows'>) {
  if (onAir?.firstSegmentAt === undefined) return undefined;
  return Math.max(0, onAir.firstSegmentAt - Math.max(startsAt, windows[0]?.from ?? startsAt));
}

/** `viewers got 33.9 of 34.6 s`, and for how long it could not be looked; undefined while the show is on, and where it was never looked. */
export function viewedText(status: EventStatus): string | undefined {
  const { onAir, viewed = [], viewersUnknown = [], windows, stoppedAt } = status;
  if (!onAir || stoppedAt === undefined || !(isClosingDown(status.phase) || status.endReason)) return undefined;
  const first = firstSegmentMs(status);
  const late = first === undefined ? '' : `; the first segment came after ${seconds(first)}`;
  const [got, sent, unknown] = [viewed, windows, viewersUnknown].map((spans) => (totalMs(spans) / 1000).toFixed(1));
  const unlooked = viewersUnknown.length === 0 ? '' : `, and for ${unknown} s it could not be looked`;
  return `viewers got ${got} of ${sent} s${unlooked}${late}`;
}

const seconds = (ms: number): string => formatDuration(Math.round(ms / 100) * 100);
