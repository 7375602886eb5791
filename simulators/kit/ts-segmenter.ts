import {
  type AacConfig,
  type NalConfig,
  parseAacConfig,
  parseAvcConfig,
  parseHevcConfig,
  toAdts,
  toAnnexB,
} from './es-format.ts';
import type { MediaTag } from './flv.ts';
import { MediaClock } from './media-clock.ts';
import { type Codec, type MediaPacket, packetsOf } from './media-packets.ts';
import { messageOf } from './message-of.ts';
import { type Frame, type Tracks, TsPacketizer } from './ts-packets.ts';

export interface TsSegment {
  index: number;
  /** MPEG-TS; starts with PAT, PMT and, where there is a picture, a key frame. */
  bytes: Buffer;
  durationMs: number;
  /**
   * Epoch milliseconds of its first frame by the encoder's clock, which the first frame of a session set: what came late
   * over a slow line is not a later picture. An encoder that is far ahead, as no camera is, is dated by our clock.
   */
  startedAt: number;
  /** The first of a session, or the first of other tracks or codecs. */
  discontinuity: boolean;
  /** Where it ends on the media timeline, milliseconds. */
  timelineEndMs: number;
}

export interface TsSegmenterOptions {
  targetDurationMs: number;
  /** Ends a segment without a key frame. */
  maxDurationMs: number;
  /** What else comes is left out. */
  codecs: readonly Codec[];
  startIndex: number;
  /** Where the first frame stands on the media timeline, milliseconds. */
  timelineStartMs: number;
  onSegment(segment: TsSegment): void;
  /** What was left out or put right, in words. The same is reported once. */
  onTrouble?(what: string): void;
}

interface OpenSegment {
  startMs: number;
  startedAt: number;
  discontinuity: boolean;
  tracks: Tracks;
  parts: Buffer[];
  bytes: number;
}

interface Sound {
  codec: 'AAC' | 'MP3';
  payload: Buffer;
  at: number;
}

/** Timestamps start here, so that the clock reference before the first frame is not negative. */
const timelineOffsetMs = 1000;
/** Beyond this a segment is ended without a key frame, and what comes before the next one is lost. */
const maxSegmentBytes = 64 * 1024 * 1024;
/** An encoder whose first frame was held up is ahead of it by so much. */
const mostAheadMs = 1000;
/** Sound may come a little before the picture it belongs to. */
const audioLeadMs = 500;
/** Sound alone for so long is all there is. */
const audioOnlyAfterMs = 2_000;
/** Where the sound ends so much later than the picture, the recording ends with it. */
const frozenMs = 500;
/** A picture is not shown longer than this after it was decoded. */
const mostCompositionMs = 10_000;
/** So many sounds of another codec in a row are another codec, and no stray ones. */
const soundsOfAChange = 10;
/** Pictures in a row that cannot be shown, because no key frame came. */
const picturesWithoutKey = 100;
/** AAC whose set-up has not come after so many frames will not get it. */
const framesWithoutConfig = 100;

/**
 * Cuts one push into MPEG-TS segments on key frames, or anywhere when there is no picture, with the encoder's own times
 * put right where its clock jumped. Holds one segment in memory. What cannot be carried or is damaged is left out.
 */
export class TsSegmenter {
  readonly #options: TsSegmenterOptions;
  readonly #packetizer = new TsPacketizer();
  readonly #clock = new MediaClock();
  readonly #reported = new Set<string>();
  /** What the encoder's clock is behind ours, since the last discontinuity. */
  #clockMs = 0;
  #nal: NalConfig | undefined;
  #aac: AacConfig | undefined;
  #aacWithoutConfig = 0;
  #open: OpenSegment | undefined;
  /** What the last segment had. */
  #tracks: Tracks | undefined;
  #index: number;
  /** What to add to our clock to get the timeline; known from the first frame of a segment on. */
  #shiftMs: number | undefined;
  #timelineMs: number;
  #lastVideoMs: number | undefined;
  #lastAudioMs: number | undefined;
  #pictureSeen = false;
  /** Before the first picture and after a damaged one, those that build on it are no good. */
  #needsKey = true;
  /** Pictures in a row. */
  #leftOut = 0;
  /** What comes next cannot go on in the same segment, nor be put after it as if nothing were. */
  #broken = false;
  /** Sound that waits for the first picture. */
  #waiting: Sound[] = [];
  /** In a row, in another codec than the segment has. */
  #otherSounds = 0;
  /** What the sound has changed to; the next segment has it. */
  #nextSound: Sound['codec'] | undefined;

  constructor(options: TsSegmenterOptions) {
    this.#options = options;
    this.#index = options.startIndex;
    this.#timelineMs = options.timelineStartMs;
  }

  tag(tag: MediaTag): void {
    this.#guard(tag, () => {
      for (const packet of packetsOf(tag)) this.#guard(tag, () => this.#take(packet, tag.timestamp));
    });
  }

  /** Ends the last segment. Frames after this begin a new one at the next key frame. */
  finish(): void {
    if (!this.#open && !this.#pictureSeen) this.#beginWithSound();
    const end = this.#endMs();
    if (end !== undefined) this.#cut(end);
    this.#shiftMs = undefined;
    this.#lastVideoMs = undefined;
    this.#lastAudioMs = undefined;
  }

  #guard({ type }: MediaTag, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (type === 'video') this.#needsKey = true;
      this.#report(messageOf(error));
    }
  }

  #report(what: string): void {
    if (this.#reported.has(what)) return;
    this.#reported.add(what);
    this.#options.onTrouble?.(what);
  }

  #take(packet: MediaPacket, timestamp: number): void {
    if (packet.kind === 'other') return;
    const { codec, track, trackId } = packet;
    if (trackId !== 0) this.#report(`${track} track ${trackId} is not recorded, only track 0 is`);
    else if (!this.#options.codecs.includes(codec)) this.#report(`${track} in ${codec} is not recorded`);
    else if (packet.kind === 'unknown')
      this.#report(`${track} in ${codec} of an unknown kind of packet is not recorded`);
    else if (track === 'video') this.#video(packet, timestamp);
    else this.#audio(packet, timestamp);
  }

  #place(packet: MediaPacket, timestamp: number): number {
    const { at, jumpMs } = this.#clock.place(packet.track, timestamp, Date.now());
    if (jumpMs !== 0) this.#report(`the clock of the ${packet.track} jumped by ${jumpMs} ms and was followed`);
    return at;
  }

  #video(packet: MediaPacket, timestamp: number): void {
    const { codec, kind, key, payload, compositionOffset } = packet;
    if (codec !== 'AVC' && codec !== 'HEVC') return;
    this.#pictureSeen = true;
    if (kind === 'config') {
      const before = this.#nal;
      this.#nal = codec === 'AVC' ? parseAvcConfig(payload) : parseHevcConfig(payload);
      this.#broken ||= before !== undefined && !before.parameterSets.equals(this.#nal.parameterSets);
      return;
    }
    const nal = this.#nal;
    if (nal?.codec !== codec) {
      this.#report(`a picture in ${codec} came without its set-up`);
      return;
    }
    const at = this.#place(packet, timestamp);
    const left = this.#needsKey && !key;
    const frame = left ? undefined : toAnnexB(payload, nal, key);
    this.#needsKey = left;
    this.#leftOut = left ? this.#leftOut + 1 : 0;
    if (this.#leftOut === picturesWithoutKey)
      this.#report(`no key frame came among ${picturesWithoutKey} pictures in ${codec}; they are not recorded`);
    this.#advance(at, key, codec);
    if (!frame) return;
    const offset = Math.abs(compositionOffset) > mostCompositionMs ? 0 : Math.max(0, compositionOffset);
    this.#write({ track: 'video', payload: frame, dtsMs: at, ptsMs: at + offset, randomAccess: key, clock: true });
  }

  #audio(packet: MediaPacket, timestamp: number): void {
    const { codec, kind, payload } = packet;
    if (codec !== 'AAC' && codec !== 'MP3') return;
    if (kind === 'config') {
      if (codec === 'AAC') this.#setAac(parseAacConfig(payload));
      return;
    }
    if (payload.length === 0) return;
    const at = this.#place(packet, timestamp);
    if (codec === 'AAC' && !this.#aac) {
      this.#aacWithoutConfig += 1;
      if (this.#aacWithoutConfig === framesWithoutConfig) this.#report('sound in AAC came without its set-up');
      return;
    }
    const frame = codec === 'AAC' && this.#aac ? toAdts(payload, this.#aac) : payload;
    this.#sound({ codec, payload: frame, at });
  }

  #setAac(config: AacConfig): void {
    const before = this.#aac;
    this.#aac = config;
    this.#broken ||=
      before !== undefined && (before.frequencyIndex !== config.frequencyIndex || before.channels !== config.channels);
  }

  #sound(sound: Sound): void {
    if (!this.#open) {
      this.#await(sound);
      return;
    }
    const open = this.#open;
    const alone = open.tracks.video === undefined;
    const { targetDurationMs, maxDurationMs } = this.#options;
    const full = sound.at - open.startMs >= (alone ? targetDurationMs : maxDurationMs + frozenMs);
    if (full || (alone && this.#broken)) this.#cutInside(open, sound.at);
    this.#writeSound(sound);
  }

  /** Where no key frame is. */
  #cutInside({ tracks }: Pick<OpenSegment, 'tracks'>, at: number): void {
    this.#cut(at);
    this.#begin(at, tracks);
  }

  /** Sound before the first key frame, of which what belongs to it is kept. */
  #await(sound: Sound): void {
    const first = this.#waiting[0]?.at ?? sound.at;
    this.#waiting.push(sound);
    if (sound.at - first < audioOnlyAfterMs) return;
    if (this.#pictureSeen) this.#waiting.shift();
    else this.#beginWithSound();
  }

  #beginWithSound(): void {
    const first = this.#waiting[0];
    if (!first) return;
    this.#begin(first.at, {});
    this.#release(first.at);
  }

  #release(from: number): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const sound of waiting) if (sound.at >= from) this.#sound(sound);
  }

  #writeSound({ codec, payload, at }: Sound): void {
    const open = this.#open;
    if (!open || (open.discontinuity && at < open.startMs - audioLeadMs)) return;
    const before = open.tracks.audio;
    if (before !== undefined && before !== codec) {
      this.#otherSound(open, before, { codec, payload, at });
      return;
    }
    this.#otherSounds = 0;
    open.tracks.audio = codec;
    this.#lastAudioMs = at;
    const clock = open.tracks.video === undefined;
    this.#write({ track: 'audio', payload, dtsMs: at, ptsMs: at, randomAccess: true, clock });
  }

  /** One segment has one codec of sound: another one waits for the next segment, which begins where a picture can. */
  #otherSound({ tracks }: OpenSegment, before: Sound['codec'], sound: Sound): void {
    this.#otherSounds += 1;
    if (this.#otherSounds === 1) this.#report(`sound in ${sound.codec} came among sound in ${before}`);
    if (this.#otherSounds < soundsOfAChange) return;
    this.#report(`the sound changed from ${before} to ${sound.codec}`);
    this.#nextSound = sound.codec;
    this.#broken = true;
    if (tracks.video !== undefined) return;
    this.#cutInside({ tracks: {} }, sound.at);
    this.#writeSound(sound);
  }

  /** Before a picture is written: ends the segment and begins the next where that is due. */
  #advance(at: number, key: boolean, codec: 'AVC' | 'HEVC'): void {
    if ((this.#open?.bytes ?? 0) > maxSegmentBytes) {
      this.#report(`no key frame came within ${maxSegmentBytes} bytes`);
      this.finish();
    }
    const open = this.#open;
    const frameMs = this.#clock.frameMs('video');
    const full = open && at - open.startMs >= this.#options.targetDurationMs - frameMs / 2;
    const other = open && open.tracks.video !== codec;
    if (key && (full || other || this.#broken)) this.#cut(at);
    if (!key && open && at - open.startMs >= this.#options.maxDurationMs) this.#cutInside(open, at);
    if (key && !this.#open) {
      this.#begin(at, { video: codec });
      this.#release(at);
    }
    if (this.#open?.tracks.video) this.#lastVideoMs = at;
  }

  #begin(at: number, tracks: Tracks): void {
    const discontinuity = this.#shiftMs === undefined || this.#broken;
    this.#broken = false;
    this.#shiftMs ??= this.#timelineMs - at + timelineOffsetMs;
    const now = Date.now();
    if (discontinuity) this.#clockMs = now - at;
    const byItsClock = at + this.#clockMs;
    const startedAt = byItsClock - now > mostAheadMs ? now : byItsClock;
    // Sound that was there is expected back.
    const audio = this.#nextSound ?? this.#tracks?.audio;
    this.#nextSound = undefined;
    this.#otherSounds = 0;
    this.#open = {
      startMs: at,
      startedAt,
      discontinuity,
      tracks: { ...(audio && { audio }), ...tracks },
      parts: [],
      bytes: 0,
    };
  }

  #write(frame: Frame): void {
    const open = this.#open;
    if (!open || this.#shiftMs === undefined) return;
    const [ptsMs, dtsMs] = [frame.ptsMs + this.#shiftMs, frame.dtsMs + this.#shiftMs];
    const packets = this.#packetizer.frame({ ...frame, ptsMs, dtsMs });
    open.parts.push(packets);
    open.bytes += packets.length;
  }

  /** One frame after the last picture, or after the last sound where that went on alone. */
  #endMs(): number | undefined {
    const video = this.#lastVideoMs === undefined ? undefined : this.#lastVideoMs + this.#clock.frameMs('video');
    const audio = this.#lastAudioMs === undefined ? undefined : this.#lastAudioMs + this.#clock.frameMs('audio');
    if (video === undefined || audio === undefined) return video ?? audio;
    return audio - video > frozenMs ? audio : video;
  }

  #cut(endMs: number): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const durationMs = endMs - open.startMs;
    this.#timelineMs += durationMs;
    const { startedAt, tracks } = open;
    const before = this.#tracks;
    const changed = before !== undefined && (before.video !== tracks.video || before.audio !== tracks.audio);
    this.#tracks = tracks;
    const index = this.#index;
    this.#index += 1;
    // Only now it is known what the segment has.
    const bytes = Buffer.concat([this.#packetizer.tables(tracks), ...open.parts]);
    const discontinuity = open.discontinuity || changed;
    this.#options.onSegment({ index, bytes, durationMs, startedAt, discontinuity, timelineEndMs: this.#timelineMs });
  }
}
