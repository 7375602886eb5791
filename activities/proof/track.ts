import type { ProofPlaylist } from './playlist.ts';
import { sampleOf } from './sample.ts';
import { nextSlice, type Segment } from './segments.ts';

/** A segment that is looked at. */
export interface Sampled extends Segment {
  /** Its place in the playlist. */
  index: number;
  /** What is listed before it, milliseconds. */
  startMs: number;
  /** What of that is marked as missing, milliseconds. */
  missingMs: number;
  /** How many discontinuities come before it. */
  run: number;
  /** Up to which byte its file is listed, where it is cut into byte ranges. */
  fileEnd?: number;
}

/** Whole seconds at least, thousandths at most. */
const exactnessOf = (decimals: number): number => 10 ** (3 - Math.min(3, decimals));

/** The part of a media playlist that stays in memory after its text is read: a recording of a week has many segments. */
export interface Track {
  url: string;
  segments: number;
  /** All that is listed, and what of it can be played. Milliseconds. */
  listedMs: number;
  recordedMs: number;
  /** What a segment usually lasts, milliseconds. */
  segmentMs: number;
  /** As the playlist claims, milliseconds. */
  targetMs: number;
  /** How exact its durations are, milliseconds. */
  exactMs: number;
  /** Bits per second as declared; absent where the recording has no list of variants. */
  bandwidth?: number;
  /** Where each discontinuity is, milliseconds after the beginning. */
  breaksAt: number[];
  sample: Sampled[];
}

/** `budget`: how many segments may be looked at. */
export async function trackOf(
  { url, segments, targetMs, decimals, rangeEnds }: ProofPlaylist,
  budget: number,
): Promise<Track> {
  const wanted = sampleOf(segments, budget);
  await nextSlice(segments);
  const sample: Sampled[] = [];
  const breaksAt: number[] = [];
  let [startMs, missingMs] = [0, 0];
  const { durations, breaks, gaps } = segments;
  for (let index = 0; index < durations.length; index += 1) {
    if (breaks.has(index)) breaksAt.push(startMs);
    if (wanted[sample.length] === index) {
      const fileEnd = rangeEnds.get(segments.uriOf(index));
      const run = breaksAt.length;
      sample.push({ ...segments.at(index), index, startMs, missingMs, run, ...(fileEnd !== undefined && { fileEnd }) });
    }
    const durationMs = durations[index] ?? 0;
    startMs += durationMs;
    if (gaps.has(index)) missingMs += durationMs;
  }
  return {
    url,
    segments: segments.length,
    listedMs: segments.listedMs,
    recordedMs: segments.listedMs - segments.missingMs,
    segmentMs: segments.typicalMs,
    targetMs,
    exactMs: exactnessOf(decimals),
    breaksAt,
    sample,
  };
}
