import type { LiveWindow } from '../../domain/channel.ts';
import { inside, outside, totalMs as totalOf } from '../../domain/spans.ts';
import { seconds } from './describe.ts';
import { durationToleranceMs, vendorToleranceMs } from './tolerances.ts';
import type { Track } from './track.ts';

/** The length that a recording should have, and its source. */
export interface Expectation {
  /** All that was sent. Milliseconds. */
  ms: number;
  /** `ms` without what was sent while the channel was being stopped. */
  leastMs: number;
  windows: number;
}

/** A stop may take a while: what the encoder still sends meanwhile may be recorded, but may also be missing. */
export function expectationOf(windows: readonly LiveWindow[], showEndedAt = Number.POSITIVE_INFINITY): Expectation {
  const ofTheShow = inside(windows, { from: Number.NEGATIVE_INFINITY, to: showEndedAt });
  return { ms: totalOf(windows), leastMs: totalOf(ofTheShow), windows: windows.length };
}

/** The length within the expectation that is nearest to what is there. */
export const nearestMs = ({ ms, leastMs }: Expectation, recorded: number): number =>
  Math.min(Math.max(recorded, leastMs), ms);

export interface DurationVerdict {
  problems: string[];
  /** The numbers, for people. */
  note: string;
}

/** Holds a recording against the show, and against what its vendor says that it lasts (`statedMs`). */
export function judgeDuration(track: Track, expected?: Expectation, statedMs?: number): DurationVerdict {
  const { recordedMs: recorded, listedMs: listed, segmentMs } = track;
  const problems: string[] = [];
  if (expected) {
    const problem = lengthProblem(recorded, expected, segmentMs);
    if (problem) problems.push(problem);
  }
  if (statedMs !== undefined) {
    if (Math.abs(listed - statedMs) > vendorToleranceMs(statedMs, segmentMs)) {
      problems.push(`${seconds(listed)} in the playlist, the vendor states ${seconds(statedMs)}`);
    }
  }
  const against = expected
    ? `${expectedText(expected, recorded)} (± ${seconds(toleranceOf(expected, segmentMs))})`
    : 'judged together with the other recordings';
  return { problems, note: `${seconds(recorded)} recorded, ${against}` };
}

function lengthProblem(recorded: number, expected: Expectation, segmentMs: number): string | undefined {
  const tolerance = toleranceOf(expected, segmentMs);
  const off = recorded - nearestMs(expected, recorded);
  if (Math.abs(off) <= tolerance) return undefined;
  const how = off < 0 ? 'too short' : 'too long';
  return `${how}: ${seconds(recorded)} recorded, ${expectedText(expected, recorded)} (± ${seconds(tolerance)})`;
}

const expectedText = (expected: Expectation, recorded: number): string =>
  `${seconds(nearestMs(expected, recorded))} of show`;

const toleranceOf = (expected: Expectation, segmentMs: number): number =>
  durationToleranceMs(expected.ms, expected.windows, segmentMs);

/** One recording, as far as the whole needs it. */
export interface RecordedPart {
  /** The windows it must hold; undefined when it does not say which. */
  share?: readonly LiveWindow[];
  recordedMs: number;
  /** The usual length of one of its segments. */
  segmentMs: number;
}

/**
 * Why the recordings together are not the show; undefined when they are. What each may lack is little; what all of them
 * lack may be much.
 */
export function coverageProblem(
  parts: readonly RecordedPart[],
  windows: readonly LiveWindow[],
  showEndedAt?: number,
): string | undefined {
  const expected = totalOf(windows);
  if (parts.length === 0) return expected > 0 ? `there is no recording of ${seconds(expected)} of show` : undefined;
  const shared = parts.flatMap(({ share, recordedMs: recorded }) => (share ? [{ windows: share, recorded }] : []));
  const rest = {
    windows: outside(
      windows,
      shared.flatMap((part) => part.windows),
    ),
    recorded: parts.filter(({ share }) => !share).reduce((sum, part) => sum + part.recordedMs, 0),
  };
  const offs = [...shared, rest].map(
    (part) => part.recorded - nearestMs(expectationOf(part.windows, showEndedAt), part.recorded),
  );
  const missing = offs.reduce((sum, off) => sum + Math.max(0, -off), 0);
  const surplus = offs.reduce((sum, off) => sum + Math.max(0, off), 0);
  const segmentMs = Math.max(...parts.map((part) => part.segmentMs));
  const tolerance = durationToleranceMs(expected, Math.max(windows.length, parts.length), segmentMs);
  if (Math.max(missing, surplus) <= tolerance) return undefined;
  const amount =
    missing >= surplus
      ? `${seconds(missing)} of the show are in none of them`
      : `${seconds(surplus)} more than the show`;
  return `${parts.length} recording(s) together: ${amount} (${seconds(expected)} of show, ± ${seconds(tolerance)})`;
}
