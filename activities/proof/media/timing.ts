import type { Gap } from '../../../domain/report.ts';
import { seconds } from '../describe.ts';
import { holeToleranceMs } from '../tolerances.ts';
import type { Sampled, Track } from '../track.ts';
import type { Look } from './seen.ts';

/** The clock of MPEG-TS begins again after 26.5 hours. */
const tsWrapMs = 2 ** 33 / 90;
/** Pictures are not decoded in the order in which they are shown, and sound may come first. */
const jitterMs = 500;
/** A segment may hold this much less than it should, or this part of it, before it is broken. */
const lackMs = 1_000;
const lackShare = 0.25;

/** What the samples say of a recording, against what its playlist says. */
export interface Timing {
  problems: string[];
  notes: string[];
  /** What there really is beside what is listed; negative when it is less. Milliseconds. */
  correctionMs: number;
}

interface SegmentLook {
  segment: Sampled;
  look: Look;
}

/**
 * Holds the times of the samples against the durations of the playlist: between two segments without a discontinuity as
 * much time passes in one as in the other, so that what is missing, listed twice, out of order or claimed too long shows
 * even between segments that were not looked at.
 */
export function timingOf(track: Track, looks: readonly Look[], losses: readonly Gap[]): Timing {
  const timing: Timing = { problems: [], notes: [], correctionMs: 0 };
  const unmatched = [...losses];
  const seen = track.sample.flatMap((segment, i) => {
    const found = looks[i];
    return found && found.problem === undefined ? [{ segment, look: found }] : [];
  });
  for (const [i, here] of seen.entries()) {
    const next = seen[i + 1];
    const offMs = next && offBetween(here, next);
    if (next && offMs !== undefined) judgeStep(track, here, next, offMs, unmatched, timing);
    const isFollowed = next?.segment.index === here.segment.index + 1 && offMs !== undefined;
    const stepMs = isFollowed ? here.segment.durationMs + offMs : undefined;
    judgeLength(track, here, stepMs, offMs === undefined, timing);
  }
  return timing;
}

/** By how much more time passes in the samples than in the playlist; undefined where the two have no clock in common. */
function offBetween(from: SegmentLook, to: SegmentLook): number | undefined {
  const [a, b] = [from.look, to.look];
  if (from.segment.run !== to.segment.run || a.clock === undefined || a.clock !== b.clock) return undefined;
  const off = (b.startMs ?? 0) - (a.startMs ?? 0) - (to.segment.startMs - from.segment.startMs);
  return a.clock === 'mpeg-ts' ? off - tsWrapMs * Math.round(off / tsWrapMs) : off;
}

function judgeStep(
  track: Track,
  { segment: from }: SegmentLook,
  { segment: to }: SegmentLook,
  offMs: number,
  unmatched: Gap[],
  timing: Timing,
): void {
  const allowedMs = jitterMs + track.exactMs * (to.index - from.index);
  if (Math.abs(offMs) <= allowedMs) {
    timing.correctionMs += offMs;
    return;
  }
  const listedMs = to.startMs - from.startMs;
  const where = `between segments ${from.index} and ${to.index}`;
  const back = offMs < -listedMs;
  if (takeLoss(unmatched, back ? 0 : offMs, track.segmentMs, offMs > 0 || back)) {
    timing.notes.push(`the timestamps jump ${where} where the encoder came back, without a DISCONTINUITY`);
    return;
  }
  if (offMs > 0) {
    timing.problems.push(`${seconds(offMs)} are missing ${where}, without a DISCONTINUITY`);
  } else if (back) {
    timing.problems.push(`the timestamps go back by ${seconds(-offMs - listedMs)} ${where}`);
  } else {
    timing.problems.push(`${seconds(listedMs + offMs)} of media ${where}, ${seconds(listedMs)} are listed`);
    timing.correctionMs += offMs;
  }
}

/** The first loss that is long enough for the jump; it explains no other one. */
function takeLoss(losses: Gap[], jumpMs: number, segmentMs: number, isJump: boolean): boolean {
  const found = losses.findIndex(({ from, to }) => jumpMs <= to - from + holeToleranceMs(segmentMs));
  if (!isJump || found < 0) return false;
  losses.splice(0, found + 1);
  return true;
}

/**
 * A segment whose samples end before the next one begins has lost its end. `stepMs` is the time until the next one
 * begins, where that is known; at the end of a run only the samples show how long the last segment is.
 */
function judgeLength(
  track: Track,
  { segment, look }: SegmentLook,
  stepMs: number | undefined,
  isLast: boolean,
  timing: Timing,
): void {
  const { lengthMs } = look;
  if (lengthMs === undefined) return;
  const isNear = stepMs !== undefined && Math.abs(stepMs - segment.durationMs) <= jitterMs + track.exactMs;
  const off = lengthMs - (isNear ? stepMs : segment.durationMs);
  const exactMs = isNear ? 0 : track.exactMs;
  const mostMs = Math.max(lackMs, lackShare * segment.durationMs) + exactMs;
  const noiseMs = look.isRough ? mostMs : jitterMs + exactMs;
  if (off < -noiseMs || (isLast && !look.isRough && off < noiseMs)) timing.correctionMs += off;
  if (Math.abs(off) <= mostMs) return;
  timing.problems.push(
    `segment ${segment.index} holds ${seconds(lengthMs)} of media, ${seconds(segment.durationMs)} are listed`,
  );
}
