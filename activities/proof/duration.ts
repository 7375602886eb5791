import type { LiveWindow, VodAsset } from '../../domain/channel.ts';
import { totalMs as totalOf } from '../../domain/windows.ts';
import { type MediaPlaylist, totalMs } from './playlist.ts';
import { durationToleranceMs, vendorToleranceMs } from './tolerances.ts';

/** What a recording should last, and why we think so. */
export interface Expectation {
  /** All that was sent. Milliseconds. */
  ms: number;
  /** The same without what was sent while the channel was being stopped. */
  leastMs: number;
  windows: number;
}

/**
 * What one recording should last: the part of the show it says it covers; all of it when it is the only one. Undefined
 * for one of several that does not say: those are judged by their sum.
 */
export function expectationOf(
  asset: VodAsset,
  windows: readonly LiveWindow[],
  isOnlyOne: boolean,
  showEndedAt?: number,
): Expectation | undefined {
  if (!asset.covers && !isOnlyOne) return undefined;
  const covered = asset.covers ? within(windows, asset.covers) : windows;
  return { ms: totalOf(covered), leastMs: totalOf(ofTheShow(covered, showEndedAt)), windows: covered.length };
}

/** A stop may take a while: what the encoder still sends meanwhile may be recorded, but nobody misses it. */
const ofTheShow = (windows: readonly LiveWindow[], showEndedAt = Number.POSITIVE_INFINITY): LiveWindow[] =>
  within(windows, { from: Number.NEGATIVE_INFINITY, to: showEndedAt });

/** The length within the expectation that is nearest to what is there. */
export const nearestMs = ({ ms, leastMs }: Expectation, recorded: number): number =>
  Math.min(Math.max(recorded, leastMs), ms);

/** What is there to be played: without the segments marked as missing. */
export const recordedMs = (playlist: MediaPlaylist): number => totalMs(playlist.segments.filter(({ gap }) => !gap));

export interface DurationVerdict {
  problems: string[];
  /** The numbers, for people. */
  note: string;
}

export function judgeDuration(playlist: MediaPlaylist, asset: VodAsset, expected?: Expectation): DurationVerdict {
  const problems: string[] = [];
  const recorded = recordedMs(playlist);
  if (expected) {
    const problem = lengthProblem(recorded, expected, playlist.targetMs);
    if (problem) problems.push(problem);
  }
  const stated = asset.durationMs;
  if (stated !== undefined) {
    const listed = totalMs(playlist.segments);
    if (Math.abs(listed - stated) > vendorToleranceMs(stated, playlist.targetMs)) {
      problems.push(`${seconds(listed)} in the playlist, the vendor states ${seconds(stated)}`);
    }
  }
  const against = expected
    ? `${expectedText(expected, recorded)} (± ${seconds(toleranceOf(expected, playlist.targetMs))})`
    : 'judged together with the other recordings';
  return { problems, note: `${seconds(recorded)} recorded, ${against}` };
}

function lengthProblem(recorded: number, expected: Expectation, targetMs: number): string | undefined {
  const tolerance = toleranceOf(expected, targetMs);
  const off = recorded - nearestMs(expected, recorded);
  if (Math.abs(off) <= tolerance) return undefined;
  const how = off < 0 ? 'too short' : 'too long';
  return `${how}: ${seconds(recorded)} recorded, ${expectedText(expected, recorded)} (± ${seconds(tolerance)})`;
}

const expectedText = (expected: Expectation, recorded: number): string =>
  `${seconds(nearestMs(expected, recorded))} of show`;

const toleranceOf = (expected: Expectation, targetMs: number): number =>
  durationToleranceMs(expected.ms, expected.windows, targetMs);

/** One recording, as far as the whole needs it. */
export interface Part {
  covers?: LiveWindow;
  recordedMs: number;
  targetMs: number;
}

/** Why the recordings together are not the show; undefined when they are. */
export function coverageProblem(
  parts: readonly Part[],
  windows: readonly LiveWindow[],
  showEndedAt?: number,
): string | undefined {
  const expected = totalOf(windows);
  if (parts.length === 0) return expected > 0 ? `there is no recording of ${seconds(expected)} of show` : undefined;
  const unclaimedWindows = parts.reduce<LiveWindow[]>((left, part) => without(left, part.covers), [...windows]);
  const leastMs = totalOf(ofTheShow(unclaimedWindows, showEndedAt));
  const unclaimed = parts.filter(({ covers }) => !covers);
  const recorded = unclaimed.reduce((sum, part) => sum + part.recordedMs, 0);
  const targetMs = Math.max(...parts.map((part) => part.targetMs));
  const pieces = Math.max(windows.length, parts.length);
  const tolerance = durationToleranceMs(expected, pieces, targetMs);
  const off = recorded - nearestMs({ ms: totalOf(unclaimedWindows), leastMs, windows: pieces }, recorded);
  if (Math.abs(off) <= tolerance) return undefined;
  const amount = `${seconds(Math.abs(off))} ${off < 0 ? 'of the show are in none of them' : 'more than the show'}`;
  return `${parts.length} recording(s) together: ${amount} (${seconds(expected)} of show, ± ${seconds(tolerance)})`;
}

const within = (windows: readonly LiveWindow[], { from, to }: LiveWindow): LiveWindow[] =>
  windows
    .map((window) => ({ from: Math.max(window.from, from), to: Math.min(window.to, to) }))
    .filter((window) => window.from < window.to);

/** What is left of `windows` outside `span`. */
const without = (windows: readonly LiveWindow[], span: LiveWindow | undefined): LiveWindow[] =>
  span
    ? [
        ...within(windows, { from: Number.NEGATIVE_INFINITY, to: span.from }),
        ...within(windows, { from: span.to, to: Number.POSITIVE_INFINITY }),
      ]
    : [...windows];

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
