import { EventEmitter } from 'node:events';
import type { AmfValue } from './amf.ts';
import { decodeAmf } from './amf.ts';
import type { MediaTag } from './flv.ts';
import { codecOf } from './media-packets.ts';

/** A wish to publish, as the encoder expressed it. Names are as sent; `query` is decoded. */
export interface IngestRequest {
  app: string;
  /** The stream name or key, without its query. */
  name: string;
  /** `/app/name`. */
  path: string;
  /** From tcUrl, app and name together; where they disagree the name's wins. */
  query: Record<string, string>;
  tcUrl: string;
  remoteAddress: string;
  remotePort: number;
}

export interface IngestStats {
  /** From the encoder's metadata, as are the other optional numbers. */
  width?: number;
  height?: number;
  frameRate?: number;
  videoBitsPerSecond?: number;
  audioBitsPerSecond?: number;
  audioSampleRate?: number;
  audioChannels?: number;
  /** The encoder's name for itself. */
  encoder?: string;
  /** `AVC`, `AAC`: what the tags really carry. */
  videoCodec?: string;
  audioCodec?: string;
  bytes: number;
  videoBytes: number;
  audioBytes: number;
  /** Video frames. */
  frames: number;
  /** Epoch milliseconds of the last audio or video; absent before the first. */
  lastTagAt?: number;
}

/** Where the media timeline of a key stands, so that recordings go on over a reconnect. */
export interface MediaPosition {
  positionMs: number;
}

export interface IngestSessionEvents {
  tag: [tag: MediaTag];
  end: [reason: string];
}

/** One accepted push, from its first to its last byte. */
export class IngestSession extends EventEmitter<IngestSessionEvents> {
  readonly key: string;
  readonly req: IngestRequest;
  /** Epoch milliseconds. */
  readonly startedAt = Date.now();
  /** Shared by all sessions of this key. */
  readonly timeline: MediaPosition;
  #endReason: string | undefined;
  #stats: IngestStats = { bytes: 0, videoBytes: 0, audioBytes: 0, frames: 0 };

  constructor(key: string, req: IngestRequest, timeline: MediaPosition) {
    super();
    this.key = key;
    this.req = req;
    this.timeline = timeline;
  }

  /** Undefined while it goes on. */
  get endReason(): string | undefined {
    return this.#endReason;
  }

  stats(): IngestStats {
    return { ...this.#stats };
  }

  /** For the ingest: counts the tag, then calls the listeners. */
  take(tag: MediaTag): void {
    const stats = this.#stats;
    stats.bytes += tag.data.length;
    if (tag.type === 'data') Object.assign(stats, metadataOf(tag.data));
    else stats.lastTagAt = Date.now();
    if (tag.type === 'audio') {
      stats.audioBytes += tag.data.length;
      stats.audioCodec ??= codecOf(tag);
    }
    if (tag.type === 'video') {
      stats.videoBytes += tag.data.length;
      stats.frames += 1;
      stats.videoCodec ??= codecOf(tag);
    }
    this.emit('tag', tag);
  }

  /** For the ingest. The first reason counts. */
  finish(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = reason;
    this.emit('end', reason);
  }
}

/** The content of `onMetaData`; encoders send nonsense too, which is no reason to lose them. */
function metadataOf(data: Buffer): Partial<IngestStats> {
  const facts = readMetadata(data);
  const number = (key: string, factor = 1) => {
    const value = facts[key];
    return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value * factor : undefined;
  };
  const found: Partial<IngestStats> = {
    width: number('width'),
    height: number('height'),
    frameRate: number('framerate'),
    videoBitsPerSecond: number('videodatarate', 1000),
    audioBitsPerSecond: number('audiodatarate', 1000),
    audioSampleRate: number('audiosamplerate'),
    audioChannels: typeof facts.stereo === 'boolean' ? (facts.stereo ? 2 : 1) : number('audiochannels'),
    encoder: typeof facts.encoder === 'string' ? facts.encoder : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function readMetadata(data: Buffer): Record<string, AmfValue> {
  try {
    const values = decodeAmf(data);
    const named = values.indexOf('onMetaData');
    const facts = named < 0 ? undefined : values[named + 1];
    return facts !== null && typeof facts === 'object' && !Array.isArray(facts) ? facts : {};
  } catch {
    return {};
  }
}
