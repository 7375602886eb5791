import type { Gap } from '../../domain/report.ts';
import type { ProofPlaylist } from './playlist.ts';
import { dateStepMs, holeToleranceMs, unseenHoleMs, wholeSecondsMs } from './tolerances.ts';

/** Time that passed in the world but not in the recording. */
export interface Hole {
  /** Of the segment after it. */
  segment: number;
  ms: number;
}

export interface Timeline {
  problems: string[];
  notes: string[];
  holes: Hole[];
}

/** What the dates and the EXT-X-GAP tags of a playlist say, against the losses seen during the show. */
export function timelineOf(playlist: ProofPlaylist, losses: readonly Gap[]): Timeline {
  const dated = readDates(playlist);
  const marked = markedGaps(playlist, losses);
  return {
    problems: [...marked.problems, ...dated.problems],
    notes: marked.notes,
    holes: dated.holes,
  };
}

/** What is marked as missing was missing at the encoder, or it is lost. */
function markedGaps({ segments }: ProofPlaylist, losses: readonly Gap[]): { problems: string[]; notes: string[] } {
  if (segments.gaps.size === 0) return { problems: [], notes: [] };
  const { missingMs, typicalMs } = segments;
  const lostMs = losses.reduce((sum, { from, to }) => sum + (to - from), 0);
  const allowedMs = losses.length === 0 ? 0 : lostMs + 2 * typicalMs * losses.length;
  const ratio = `${segments.gaps.size} of ${segments.length} segments (${missingMs / 1000} s) are marked as missing`;
  return missingMs > allowedMs
    ? { problems: [`${ratio}; the encoder was away for ${lostMs / 1000} s`], notes: [] }
    : { problems: [], notes: [ratio] };
}

interface Anchor {
  dateTime: number;
  /** Media time since, with the segments it is made of. */
  elapsedMs: number;
  steps: number;
  /** A DISCONTINUITY came since: the clock may jump forward. */
  mayJump: boolean;
}

function readDates({ segments }: ProofPlaylist): { problems: string[]; holes: Hole[] } {
  const problems: string[] = [];
  const holes: Hole[] = [];
  const { dates, durations, typicalMs } = segments;
  const stepMs = dates.every((date) => Number.isNaN(date) || date % 1000 === 0) ? wholeSecondsMs : dateStepMs;
  let anchor: Anchor | undefined;
  for (let i = 0; i < dates.length; i += 1) {
    const date = dates[i] ?? Number.NaN;
    if (anchor && segments.breaks.has(i)) anchor.mayJump = true;
    if (!Number.isNaN(date)) {
      const jump = anchor && jumpAt(anchor, date, stepMs, typicalMs);
      if (jump?.problem) problems.push(`at segment ${i} ${jump.problem}`);
      if (jump?.holeMs) holes.push({ segment: i, ms: jump.holeMs });
      anchor = { dateTime: date, elapsedMs: 0, steps: 0, mayJump: false };
    }
    if (!anchor) continue;
    anchor.elapsedMs += durations[i] ?? 0;
    anchor.steps += 1;
  }
  return { problems, holes };
}

function jumpAt(
  anchor: Anchor,
  dateTime: number,
  stepMs: number,
  segmentMs: number,
): { problem?: string; holeMs?: number } {
  const offMs = dateTime - (anchor.dateTime + anchor.elapsedMs);
  const allowedMs = stepMs * Math.max(1, anchor.steps);
  if (Math.abs(offMs) <= allowedMs) return {};
  const by = `${Math.abs(offMs) / 1000} s`;
  if (!anchor.mayJump) return { problem: `the date is off by ${by} without a DISCONTINUITY` };
  if (offMs < 0) return offMs < -Math.max(allowedMs, segmentMs) ? { problem: `the date goes back by ${by}` } : {};
  return { holeMs: offMs };
}

/**
 * Holes that no loss explains. Losses are matched in order and by length, not by instant: the dates are the encoder's
 * or the vendor's clock, the losses are ours.
 */
export function unexplainedHoles(holes: readonly Hole[], losses: readonly Gap[], segmentMs: number): string[] {
  let next = 0;
  return holes.flatMap(({ segment, ms }) => {
    for (let i = next; i < losses.length; i += 1) {
      const loss = losses[i];
      if (loss && ms <= loss.to - loss.from + holeToleranceMs(segmentMs)) {
        next = i + 1;
        return [];
      }
    }
    if (ms <= unseenHoleMs) return [];
    return [`${ms / 1000} s are missing before segment ${segment}, and no loss of that length was seen`];
  });
}
