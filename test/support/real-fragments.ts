import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import { boxAt } from '../../activities/proof/media/mp4.ts';
import type { TsSegment } from '../../simulators/kit/ts-segmenter.ts';

/** The same pictures and sounds in fragments of MP4, written by a library. */
export async function realFragments(
  segments: readonly TsSegment[],
): Promise<{ init: Uint8Array; fragments: Uint8Array[]; durations: number[] }> {
  const [init = new Uint8Array(), ...fragments] = split(await fragmentedMp4(segments));
  const durations = await Promise.all(fragments.map((bytes) => secondsOf(Buffer.concat([init, bytes]))));
  return { init, fragments, durations };
}

/** How long the pictures last, seconds. */
async function secondsOf(file: Uint8Array): Promise<number> {
  const { video } = await tracksOf(file);
  let seconds = 0;
  for await (const packet of new EncodedPacketSink(video).packets()) seconds += packet.duration;
  return seconds;
}

export const tracksOf = async (bytes: Uint8Array) => {
  const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  if (!video || !audio) throw new Error('the fixture has a picture and a sound');
  return { video, audio };
};

async function fragmentedMp4(segments: readonly TsSegment[]): Promise<Uint8Array> {
  const { video, audio } = await tracksOf(Buffer.concat(segments.map(({ bytes }) => bytes)));
  const target = new BufferTarget();
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: 2 }),
    target,
  });
  const [pictures, sounds] = [new EncodedVideoPacketSource('avc'), new EncodedAudioPacketSource('aac')];
  output.addVideoTrack(pictures);
  output.addAudioTrack(sounds);
  await output.start();
  const decoderConfig = (await video.getDecoderConfig()) ?? undefined;
  const audioConfig = (await audio.getDecoderConfig()) ?? undefined;
  const feed = async () => {
    for await (const packet of new EncodedPacketSink(video).packets()) await pictures.add(packet, { decoderConfig });
    pictures.close();
  };
  const feedSound = async () => {
    for await (const packet of new EncodedPacketSink(audio).packets())
      await sounds.add(packet, { decoderConfig: audioConfig });
    sounds.close();
  };
  await Promise.all([feed(), feedSound()]);
  await output.finalize();
  return new Uint8Array(target.buffer ?? new ArrayBuffer(0));
}

/** What comes before the first fragment, and each fragment. */
function split(file: Uint8Array): Uint8Array[] {
  const starts = [0];
  for (let at = 0; at < file.length; ) {
    const box = boxAt(file, at);
    if (!box) break;
    if (box.type === 'moof' || box.type === 'mfra') starts.push(at);
    at = box.end;
  }
  const parts = starts.map((start, i) => file.subarray(start, starts[i + 1] ?? file.length));
  return parts.filter((part) => boxAt(part, 0)?.type !== 'mfra');
}
