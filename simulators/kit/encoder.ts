export type EncoderSource = 'fixture' | 'ffmpeg';

export interface EncoderOptions {
  /** Where to push: `rtmp://host:port/app/name?query`. */
  url: string;
  /** Default `fixture`: a recorded H.264/AAC clip in real time, which needs no ffmpeg. */
  source?: EncoderSource;
  /** Ends by itself after this long; default never. */
  seconds?: number;
}

export interface EncoderEnd {
  /** `closed`: the server cut it. `failed`: the encoder itself broke. */
  reason: 'stopped' | 'dropped' | 'finished' | 'closed' | 'failed';
  detail?: string;
}

export interface Encoder {
  /** Unpublishes in good manner. */
  stop(): Promise<void>;
  /** Vanishes: the connection is cut without a word. */
  drop(): Promise<void>;
  done: Promise<EncoderEnd>;
}

/** Resolves once the server has accepted the push; rejects with its reason when it refuses. */
export function startEncoder(_options: EncoderOptions): Promise<Encoder> {
  return Promise.reject(new Error('not written yet'));
}

/** An ffmpeg that really runs: `FFMPEG`, else the one of `@ffmpeg-installer/ffmpeg`. */
export function findFfmpeg(): Promise<string | undefined> {
  return Promise.resolve(undefined);
}
