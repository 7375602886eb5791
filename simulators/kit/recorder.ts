import type { MediaTag } from './flv.ts';
import type { IngestSession } from './ingest-session.ts';
import type { Codec } from './media-packets.ts';
import { messageOf } from './message-of.ts';
import { type TsSegment, TsSegmenter } from './ts-segmenter.ts';

export type { TsSegment } from './ts-segmenter.ts';

export interface RecordOptions {
  /** Segments end at the first key frame after this. Default 2000. */
  targetDurationMs?: number;
  /** A segment is ended without a key frame after so long. Default: never. */
  maxDurationMs?: number;
  /** Others are left out. Default: all that MPEG-TS carries here. */
  codecs?: readonly Codec[];
  /** Index of the first segment, so that names go on over a reconnect. Default 0. */
  startIndex?: number;
  /** In order, one after the other; a promise is waited for before the next and by `finish`. */
  onSegment(segment: TsSegment): void | Promise<void>;
  /**
   * In words, what was left out of the recording or put right in it, each once; also that `onSegment` failed, which ends
   * it. Nothing else would show it: the encoder goes on.
   */
  onTrouble(what: string): void;
}

export interface Recording {
  /** Ends the last segment and waits until every `onSegment` is through. May be called again. */
  finish(): Promise<void>;
}

const defaultTargetMs = 2000;

/** What MPEG-TS carries here. */
export const recordable: readonly Codec[] = ['AVC', 'HEVC', 'AAC', 'MP3'];

/**
 * Cuts a session into MPEG-TS segments; ends by itself when the session ends. The timeline goes on where the last
 * recording of the same key ended, for as long as the ingest lives.
 */
export function record(session: IngestSession, options: RecordOptions): Recording {
  let given: Promise<void> = Promise.resolve();
  let recording = true;
  let failed = false;

  const fail = (error: unknown) => {
    stop();
    if (failed) return;
    failed = true;
    options.onTrouble(messageOf(error));
  };
  const segmenter = new TsSegmenter({
    targetDurationMs: options.targetDurationMs ?? defaultTargetMs,
    maxDurationMs: options.maxDurationMs ?? Number.POSITIVE_INFINITY,
    codecs: options.codecs ?? recordable,
    startIndex: options.startIndex ?? 0,
    timelineStartMs: session.timeline.positionMs,
    onTrouble: options.onTrouble,
    onSegment: (segment) => {
      session.timeline.positionMs = Math.max(session.timeline.positionMs, segment.timelineEndMs);
      given = given.then(() => options.onSegment(segment)).catch(fail);
    },
  });
  const take = (tag: MediaTag) => segmenter.tag(tag);
  const stop = () => {
    if (!recording) return;
    recording = false;
    session.off('tag', take);
    session.off('end', stop);
    segmenter.finish();
  };

  session.on('tag', take);
  session.on('end', stop);
  if (session.endReason !== undefined) stop();
  return {
    finish: () => {
      stop();
      return given;
    },
  };
}
