import { type AacConfig, type AvcConfig, parseAacConfig, parseAvcConfig, toAdts, toAnnexB } from './es-format.ts';
import { audioCodecOf, type MediaTag, parseAacTag, parseAvcTag, videoCodecOf } from './flv.ts';
import { type Frame, TsPacketizer } from './ts-packets.ts';

export interface TsSegment {
  index: number;
  /** MPEG-TS with H.264 and, if there is sound, AAC; starts with PAT, PMT and a key frame. */
  bytes: Buffer;
  durationMs: number;
  /**
   * Epoch milliseconds of its first frame by the encoder's clock, which the first frame of a session set: what came late
   * over a slow line is not a later picture. An encoder that is far ahead, as no camera is, is dated by our clock.
   */
  startedAt: number;
  /** The first of a session, or the first after a jump of its timestamps. */
  discontinuity: boolean;
  /** Where it ends on the media timeline, milliseconds. */
  timelineEndMs: number;
}

export interface TsSegmenterOptions {
  targetDurationMs: number;
  startIndex: number;
  /** Where the first frame stands on the media timeline, milliseconds. */
  timelineStartMs: number;
  onSegment(segment: TsSegment): void;
}

interface OpenSegment {
  startMs: number;
  startedAt: number;
  discontinuity: boolean;
  parts: Buffer[];
  bytes: number;
}

/** Timestamps start here, so that the clock reference before the first frame is not negative. */
const timelineOffsetMs = 1000;
const usualFrameMs = 40;
/** A clock that steps further than this, or back, has jumped. */
const maxStepMs = 10_000;
/** Beyond this a segment is ended without a key frame, and what comes before the next one is lost. */
const maxSegmentBytes = 64 * 1024 * 1024;
/** An encoder whose first frame was held up is ahead of it by so much. */
const mostAheadMs = 1000;
/** Sound may come a little before the picture it belongs to. */
const audioLeadMs = 500;

/**
 * Cuts one push into MPEG-TS segments on key frames, with the encoder's own decoding and presentation times.
 * Holds one segment in memory. Throws on a codec it cannot carry and on damaged frames.
 */
export class TsSegmenter {
  readonly #options: TsSegmenterOptions;
  readonly #packetizer = new TsPacketizer();
  /** What the encoder's clock is behind ours, since the last discontinuity. */
  #clockMs = 0;
  #avc: AvcConfig | undefined;
  #aac: AacConfig | undefined;
  #open: OpenSegment | undefined;
  #index: number;
  /** What to add to the encoder's times to get the timeline's; known from the first key frame on. */
  #shiftMs: number | undefined;
  #timelineMs: number;
  #lastVideoMs: number | undefined;
  #frameMs = usualFrameMs;

  constructor(options: TsSegmenterOptions) {
    this.#options = options;
    this.#index = options.startIndex;
    this.#timelineMs = options.timelineStartMs;
  }

  tag(tag: MediaTag): void {
    if (tag.type === 'video') this.#video(tag);
    if (tag.type === 'audio') this.#audio(tag);
  }

  /** Ends the last segment. Frames after this begin a new one at the next key frame. */
  finish(): void {
    if (this.#lastVideoMs !== undefined) this.#cut(this.#lastVideoMs + this.#frameMs);
    this.#shiftMs = undefined;
    this.#lastVideoMs = undefined;
  }

  #video({ timestamp, data }: MediaTag): void {
    const codec = videoCodecOf(data);
    const tag = parseAvcTag(data);
    if (!tag && codec !== undefined && codec !== 'AVC')
      throw new Error(`video codec ${codec} cannot be recorded; send H.264`);
    if (!tag || tag.kind === 'end') return;
    if (tag.kind === 'config') {
      this.#avc = parseAvcConfig(tag.payload);
      return;
    }
    if (!this.#avc) return;
    this.#advance(timestamp, tag.key);
    this.#write({
      track: 'video',
      payload: toAnnexB(tag.payload, this.#avc, tag.key),
      dtsMs: timestamp,
      ptsMs: timestamp + tag.compositionOffset,
      randomAccess: tag.key,
    });
  }

  #audio({ timestamp, data }: MediaTag): void {
    const codec = audioCodecOf(data);
    const tag = parseAacTag(data);
    if (!tag && codec !== undefined && codec !== 'AAC')
      throw new Error(`audio codec ${codec} cannot be recorded; send AAC`);
    if (!tag) return;
    if (tag.kind === 'config') {
      this.#aac = parseAacConfig(tag.payload);
      return;
    }
    const open = this.#open;
    if (!this.#aac || !open || timestamp < open.startMs - audioLeadMs) return;
    const payload = toAdts(tag.payload, this.#aac);
    this.#write({ track: 'audio', payload, dtsMs: timestamp, ptsMs: timestamp, randomAccess: true });
  }

  /** Before a frame is written: follows the clock, ends the segment and begins the next where that is due. */
  #advance(timestamp: number, key: boolean): void {
    const last = this.#lastVideoMs;
    const step = last === undefined ? 0 : timestamp - last;
    if (step < 0 || step > maxStepMs || (this.#open?.bytes ?? 0) > maxSegmentBytes) this.finish();
    else if (step > 0) this.#frameMs = step;
    const full = this.#open && timestamp - this.#open.startMs >= this.#options.targetDurationMs - this.#frameMs / 2;
    if (key && full) this.#cut(timestamp);
    if (key && !this.#open) this.#begin(timestamp);
    if (this.#open) this.#lastVideoMs = timestamp;
  }

  #begin(timestamp: number): void {
    const discontinuity = this.#shiftMs === undefined;
    this.#shiftMs ??= this.#timelineMs - timestamp + timelineOffsetMs;
    const now = Date.now();
    if (discontinuity) this.#clockMs = now - timestamp;
    const byItsClock = timestamp + this.#clockMs;
    const startedAt = byItsClock - now > mostAheadMs ? now : byItsClock;
    this.#open = { startMs: timestamp, startedAt, discontinuity, parts: [], bytes: 0 };
    this.#append(this.#packetizer.tables({ audio: this.#aac !== undefined }));
  }

  #write(frame: Frame): void {
    if (!this.#open || this.#shiftMs === undefined) return;
    const [ptsMs, dtsMs] = [frame.ptsMs + this.#shiftMs, frame.dtsMs + this.#shiftMs];
    this.#append(this.#packetizer.frame({ ...frame, ptsMs, dtsMs }));
  }

  #append(packets: Buffer): void {
    if (!this.#open) return;
    this.#open.parts.push(packets);
    this.#open.bytes += packets.length;
  }

  #cut(endMs: number): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const durationMs = endMs - open.startMs;
    this.#timelineMs += durationMs;
    const { startedAt, discontinuity } = open;
    const index = this.#index;
    this.#index += 1;
    const bytes = Buffer.concat(open.parts);
    this.#options.onSegment({ index, bytes, durationMs, startedAt, discontinuity, timelineEndMs: this.#timelineMs });
  }
}
