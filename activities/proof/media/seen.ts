import { seconds } from '../describe.ts';
import type { Container } from './ffmpeg.ts';
import type { TrackHeads } from './mp4.ts';
import type { Streams } from './mpeg-ts.ts';
import type { Kind } from './samples.ts';

/** What was seen of a segment. */
export interface Look {
  problem?: string;
  /** As stored; undefined where the server does not say. */
  bytes?: number;
  /** When its first sample begins, by its own clock, milliseconds. */
  startMs?: number;
  /** By which clock: times of different ones cannot be compared. */
  clock?: 'mpeg-ts' | 'mp4';
  /** From its first sample to the end of its last, milliseconds. */
  lengthMs?: number;
  /** How long its last sample lasts is not known. */
  isRough?: boolean;
  /** What a decoder must take it for; absent where it is not known. */
  container?: Container;
  /** As far as they were counted: all of MP4, of MPEG-TS those that were read. */
  pictures?: number;
  /** What was found in it. */
  kinds?: ReadonlySet<Kind>;
  /** Of MPEG-TS that was not read whole: what may be found in the rest of it. */
  streams?: Streams;
  /** Equal for two segments that begin with the same bytes and are of the same size. */
  print?: string;
  /** Why its samples could not be looked at. */
  unseen?: string;
}

/** What a segment needs of its initialisation section; empty where that could not be read. */
export interface Init {
  tracks?: TrackHeads;
  streams?: Streams;
  bytes?: Uint8Array;
}

/** Of a segment its beginning is read, as much as shows some samples; more only where this shows none. */
export const headBytes = 16_384;
/** So many bytes are read whole where only the whole shows it: of a server that gives no parts, and of sound alone. */
export const wholeBytes = 1_048_576;

/** Pictures without sound for so long, in a segment that has both. */
export const mostSilenceMs = 2_000;

export const silenceProblem = (ms: number): string | undefined =>
  ms > mostSilenceMs ? `has no sound for ${seconds(ms)}` : undefined;
