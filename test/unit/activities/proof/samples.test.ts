import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { type Init, look } from '../../../../activities/proof/media/look.ts';
import { boxAt, trackHeadsOf } from '../../../../activities/proof/media/mp4.ts';
import { SegmentFile } from '../../../../activities/proof/media/segment-file.ts';
import { realSegments } from '../../../support/real-media.ts';

const segments = realSegments(20);

const fileOf = (bytes: Uint8Array) =>
  new SegmentFile(
    {
      read: async (_, range) => ({
        ok: true,
        file: {
          status: 206,
          contentType: '',
          totalBytes: bytes.length,
          body: bytes.subarray(range?.start ?? 0, (range?.end ?? bytes.length) + 1),
        },
      }),
    },
    { url: 'https://vod.example/segment' },
  );

const tracksOf = async (bytes: Uint8Array) => {
  const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  if (!video || !audio) throw new Error('the fixture has a picture and a sound');
  return { video, audio };
};

/** In decoding order, as the proof goes. */
async function timesOf(track: InputVideoTrack | InputAudioTrack): Promise<number[]> {
  const times: number[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) times.push(packet.timestamp * 1000);
  return times;
}

describe('the samples of a segment', () => {
  test.each(segments)(
    '$index begin and end where another reader of MPEG-TS sees them',
    async ({ bytes, durationMs }) => {
      const seen = await look(fileOf(bytes), undefined);
      const times = await timesOf((await tracksOf(bytes)).video);
      expect(seen.problem).toBeUndefined();
      expect(Math.abs((seen.startMs ?? 0) - Math.min(...times))).toBeLessThan(100);
      expect(Math.abs((seen.lengthMs ?? 0) - durationMs)).toBeLessThan(100);
    },
  );

  test('begin and end where another writer of MP4 put them', async () => {
    const file = await fragmentedMp4();
    const [head, ...fragments] = split(file);
    const init: Init = { tracks: trackHeadsOf(head ?? new Uint8Array()) };
    const seen = await Promise.all(fragments.map((bytes) => look(fileOf(bytes), init)));
    expect(fragments.length).toBeGreaterThan(5);
    expect(seen.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    const total = seen.reduce((sum, { lengthMs = 0 }) => sum + lengthMs, 0);
    const listed = segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect(Math.abs(total - listed)).toBeLessThan(100);
    for (const [i, { startMs = 0, lengthMs = 0 }] of seen.entries()) {
      const next = seen[i + 1]?.startMs;
      if (next !== undefined) expect(Math.abs(startMs + lengthMs - next)).toBeLessThan(5);
    }
  });
});

/** The same pictures and sounds, written by a library. */
async function fragmentedMp4(): Promise<Uint8Array> {
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
