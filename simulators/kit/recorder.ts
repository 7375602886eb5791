import type { IngestSession } from './ingest-session.ts';
import type { TsSegment } from './ts-segmenter.ts';

export interface RecordOptions {
  /** Segments end at the first key frame after this. Default 2000. */
  targetDurationMs?: number;
  /** Index of the first segment, so that names go on over a reconnect. Default 0. */
  startIndex?: number;
  /** In order, one after the other; a promise is waited for before the next and by `finish`. */
  onSegment(segment: TsSegment): void | Promise<void>;
  /** The picture cannot be recorded (not H.264, damaged), or `onSegment` failed. Recording stops. */
  onError?(error: Error): void;
}

export interface Recording {
  /** Ends the last segment and waits until every `onSegment` is through. May be called again. */
  finish(): Promise<void>;
}

/**
 * Cuts a session into MPEG-TS segments; ends by itself when the session ends. The timeline goes on where the last
 * recording of the same key ended, unless a new ingest was started.
 */
export function record(_session: IngestSession, _options: RecordOptions): Recording {
  throw new Error('not written yet');
}
