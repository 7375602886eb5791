import { EncodedPacketSink, type InputAudioTrack, type InputVideoTrack } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { look } from '../../../../../activities/proof/media/look.ts';
import { trackHeadsOf } from '../../../../../activities/proof/media/mp4.ts';
import type { Init } from '../../../../../activities/proof/media/seen.ts';
import { SegmentFile } from '../../../../../activities/proof/media/segment-file.ts';
import { realFragments, tracksOf } from '../../../../support/real-fragments.ts';
import { realSegments } from '../../../../support/real-media.ts';

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
    const { init: head, fragments } = await realFragments(segments);
    const init: Init = { tracks: trackHeadsOf(head) };
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
