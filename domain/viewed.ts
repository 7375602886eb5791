import { isClosingDown } from './phases.ts';
import type { EventStatus } from './report.ts';
import { formatDuration } from './time.ts';
import { totalMs } from './windows.ts';

/** What viewers get, for people; undefined until it was looked. */
export function onAirText({ onAir }: Pick<EventStatus, 'onAir'>): string | undefined {
  if (!onAir) return undefined;
  const latency =
    onAir.state === 'on-air' && onAir.latencyMs !== undefined ? `, ${seconds(onAir.latencyMs)} behind the encoder` : '';
  return `${onAir.state}${latency}${onAir.reason ? `: ${onAir.reason}` : ''}`;
}

/** From the cue, or from the encoder's connection where that came later, to the first segment a viewer could get. */
export function firstSegmentMs({ onAir, startsAt, windows }: Pick<EventStatus, 'onAir' | 'startsAt' | 'windows'>) {
  if (onAir?.firstSegmentAt === undefined) return undefined;
  return Math.max(0, onAir.firstSegmentAt - Math.max(startsAt, windows[0]?.from ?? startsAt));
}

/** `viewers got 33.9 of 34.6 s`; undefined while the show is on, and where it was never looked. */
export function viewedText(status: EventStatus): string | undefined {
  const { onAir, viewed = [], windows, stoppedAt } = status;
  if (!onAir || stoppedAt === undefined || !(isClosingDown(status.phase) || status.endReason)) return undefined;
  const first = firstSegmentMs(status);
  const late = first === undefined ? '' : `; the first segment came after ${seconds(first)}`;
  return `viewers got ${(totalMs(viewed) / 1000).toFixed(1)} of ${(totalMs(windows) / 1000).toFixed(1)} s${late}`;
}

const seconds = (ms: number): string => formatDuration(Math.round(ms / 100) * 100);
