import type { LiveWindow } from '../../domain/channel.ts';
import type { RecordingPiece } from '../../domain/report.ts';
import type { JoinableSegment } from './media-segments.ts';

/** A part of one leg's recording. Epoch milliseconds. */
export interface Cut extends LiveWindow {
  url: string;
  /** What the recording holds, oldest first: where a playlist has no dates its segments lie in these spans, one after the other. */
  holds: readonly LiveWindow[];
}

/**
 * What of which recording is played, in order: a piece begins and ends where that of another leg ends and begins; nothing is cut
 * off at the outer ends. Pieces of one recording that follow each other are one.
 *
 * @param holds the spans of the show that the recording at an address holds
 */
export function cutsOf(pieces: readonly RecordingPiece[], holds: (url: string) => readonly LiveWindow[]): Cut[] {
  const whole: RecordingPiece[] = [];
  for (const piece of pieces) {
    const last = whole.at(-1);
    if (last?.url === piece.url) last.to = piece.to;
    else whole.push({ ...piece });
  }
  const between = (one: RecordingPiece | undefined, other: RecordingPiece | undefined) =>
    one && other && (one.to + other.from) / 2;
  return whole.map((piece, i) => ({
    url: piece.url,
    from: between(whole[i - 1], piece) ?? Number.NEGATIVE_INFINITY,
    to: between(piece, whole[i + 1]) ?? Number.POSITIVE_INFINITY,
    holds: holds(piece.url),
  }));
}

/** The segments whose middle lies in the cut. */
export function segmentsIn(segments: readonly JoinableSegment[], { from, to, holds }: Cut): JoinableSegment[] {
  return segments.filter(({ startedAt, offsetMs, durationMs }) => {
    const middle = (startedAt ?? instantOf(offsetMs, holds)) + durationMs / 2;
    return middle >= from && middle < to;
  });
}

/** Where a place in a recording lies on the clock. */
function instantOf(offsetMs: number, holds: readonly LiveWindow[]): number {
  let left = offsetMs;
  for (const { from, to } of holds) {
    if (left < to - from) return from + left;
    left -= to - from;
  }
  return (holds.at(-1)?.to ?? 0) + left;
}
