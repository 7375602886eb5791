import { startFfmpegEncoder } from './encoder-ffmpeg.ts';
import { startFixtureEncoder } from './encoder-fixture.ts';
import type { Encoder, EncoderOptions } from './encoder-types.ts';

export type {
  Encoder,
  EncoderEnd,
  EncoderOptions,
  EncoderSource,
} from './encoder-types.ts';
export { findFfmpeg } from './find-ffmpeg.ts';
export { pushFlv } from './push-flv.ts';
export { PushRefused } from './rtmp-publisher.ts';

/** Resolves once the server has accepted the push; rejects with its reason when it refuses. */
export function startEncoder(options: EncoderOptions): Promise<Encoder> {
  return options.source === 'ffmpeg' ? startFfmpegEncoder(options) : startFixtureEncoder(options);
}
