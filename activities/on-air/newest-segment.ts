import type { Container } from '../proof/media/ffmpeg.ts';
import { boxesOf, fragmentsOf, trackHeadsOf } from '../proof/media/mp4.ts';
import { packetBytes, scanTs, syncByte } from '../proof/media/mpeg-ts.ts';
import type { Kind } from '../proof/media/samples.ts';
import type { BlankDetector } from './blank.ts';

export interface ProbedSegment {
  /** With its initialisation section before it, where it has one. */
  bytes: Uint8Array;
  hasInit: boolean;
  /** The sound may be in playlists of its own. */
  hasSoundApart: boolean;
}

/** What is wrong with the newest segment. A problem counts when two segments in a row have it. */
export interface SegmentFinding {
  seen: string | undefined;
  problem?: string;
}

/** Looks into a whole segment; `before`: what was found in the segment that was looked into last. */
export async function findingOf(
  segment: ProbedSegment,
  blank?: BlankDetector,
  before?: SegmentFinding,
): Promise<SegmentFinding> {
  const seen = await problemOf(segment, blank);
  return { seen, ...(seen !== undefined && seen === before?.seen && { problem: seen }) };
}

async function problemOf(segment: ProbedSegment, detector?: BlankDetector): Promise<string | undefined> {
  const { kinds, container } = contentOf(segment);
  // What cannot be read is not called empty.
  if (!kinds) return undefined;
  if (!kinds.has('video')) return 'the newest segment holds no picture';
  if (!kinds.has('audio') && !segment.hasSoundApart) return 'the newest segment holds no sound';
  const blank = await detector?.look(segment.bytes, container);
  if (blank?.isBlack && blank.isSilent) return 'the newest segment is black and silent';
  if (blank?.isBlack) return 'the picture of the newest segment is black';
  return blank?.isSilent ? 'the sound of the newest segment is silent' : undefined;
}

interface Content {
  /** Undefined where the bytes are neither MPEG-TS nor fragments of MP4. */
  kinds?: ReadonlySet<Kind>;
  container: Container;
}

function contentOf({ bytes, hasInit }: ProbedSegment): Content {
  try {
    return hasInit ? { kinds: kindsOfMp4(bytes), container: 'mp4' } : { kinds: kindsOfTs(bytes), container: 'mpegts' };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { container: 'mp4' };
  }
}

function kindsOfTs(bytes: Uint8Array): ReadonlySet<Kind> | undefined {
  if (bytes.length < packetBytes || bytes[0] !== syncByte) return undefined;
  const { samples, lostSyncAt } = scanTs(bytes);
  if (lostSyncAt !== undefined) return undefined;
  return new Set((['video', 'audio'] as const).filter((kind) => samples[kind]));
}

function kindsOfMp4(bytes: Uint8Array): ReadonlySet<Kind> | undefined {
  const heads = trackHeadsOf(bytes);
  if (heads.size === 0) return undefined;
  const fragments = boxesOf(bytes, 'moof').flatMap((moof) => fragmentsOf(bytes, moof, heads));
  return new Set(fragments.filter(({ samples }) => samples > 0).map(({ kind }) => kind));
}
