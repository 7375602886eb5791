export const encoderSources = ['fixture', 'ffmpeg'] as const;
export type EncoderSource = (typeof encoderSources)[number];

export interface EncoderOptions {
  /** Where to push: `rtmp://host:port/app/name?query`. */
  url: string;
  /** Default `fixture`: a recorded H.264/AAC clip in real time, which needs no ffmpeg. */
  source?: EncoderSource;
  /** Ends by itself after this long; default never. */
  seconds?: number;
  /** Fixture only: 1 is real time, `Infinity` as fast as the server takes it. Default 1. */
  speed?: number;
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
  /** Never rejects. */
  done: Promise<EncoderEnd>;
}
